import { describe, expect, it } from '@jest/globals';
import type { Contender } from './sidecar/contender.ts';
import type { Row } from './row.ts';
import { runRows } from './run-rows.ts';
import type { Stage } from './sidecar/stage.ts';

const contender = (name: string, role: Contender['role']): Contender => {
  return { name, role, command: 'true', manySyncs: 'one process' };
};
const contenders = [contender('ours', 'ours'), contender('loop', 'loop'), contender('other', 'peer')];

function run(rows: readonly Row[], signal = new AbortController().signal) {
  const failures: string[] = [];
  const figures = runRows({
    rows,
    contenders,
    rounds: 2,
    stage: { signal } as Stage,
    onProgress: () => undefined,
    onFailure: (what, error) => failures.push(`${what}: ${String(error)}`),
  });
  return { figures, failures };
}

describe('the rows of a suite', () => {
  it('are run by everybody in turn, round by round, and somebody else begins each time', async () => {
    const order: string[] = [];
    const measure: Row['measure'] = async ({ name }) => ({ order: order.push(name) });

    const { figures } = run([{ name: 'list', roles: ['ours', 'loop', 'peer'], measure }]);

    expect(await figures).toEqual({ 'list.order': { ours: [1, 6], loop: [2, 4], other: [3, 5] } });
    expect(order).toEqual(['ours', 'loop', 'other', 'loop', 'other', 'ours']);
  });

  it('go on when a measurement fails, and are without its figures', async () => {
    const measure: Row['measure'] = async ({ name }) => {
      if (name === 'other') throw new Error('it has ended');
      return { rss: 60 };
    };

    const { figures, failures } = run([{ name: 'idle', roles: ['ours', 'peer'], measure }]);

    expect(await figures).toEqual({ 'idle.rss': { ours: [60, 60] } });
    expect(failures).toEqual([
      'idle, round 1 of 2, other: Error: it has ended',
      'idle, round 2 of 2, other: Error: it has ended',
    ]);
  });

  it('that only wait are run all at once', async () => {
    let begun = 0;
    const all = Promise.withResolvers<undefined>();
    const measure: Row['measure'] = async () => {
      if (++begun === 4) all.resolve(undefined);
      await all.promise;
      return { bytes: 1 };
    };

    const { figures } = run([{ name: 'quiet', roles: ['ours', 'peer'], together: true, measure }]);

    expect(await figures).toEqual({ 'quiet.bytes': { ours: [1, 1], other: [1, 1] } });
  });

  it('end with the reason of an interruption', async () => {
    const interruption = new AbortController();
    const measure: Row['measure'] = async () => {
      interruption.abort(new Error('Ctrl-C'));
      throw new Error('killed');
    };

    const { figures, failures } = run([{ name: 'idle', roles: ['ours'], measure }], interruption.signal);

    await expect(figures).rejects.toThrow('Ctrl-C');
    expect(failures).toEqual([]);
  });
});
