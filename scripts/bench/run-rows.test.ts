import { describe, expect, it } from '@jest/globals';
import type { Subject } from './metric.ts';
import type { Row as RowOf } from './row.ts';
import { runRows, type AnyStage } from './run-rows.ts';

type Row = RowOf<Subject, AnyStage>;

const contenders: readonly Subject[] = [
  { name: 'ours', role: 'ours' },
  { name: 'loop', role: 'bound' },
  { name: 'other', role: 'peer' },
];

function run(rows: readonly Row[], signal = new AbortController().signal) {
  const failures: string[] = [];
  const figures = runRows({
    rows,
    contenders,
    rounds: 2,
    stage: { signal },
    onProgress: () => undefined,
    onFailure: (what, error) => failures.push(`${what}: ${String(error)}`),
  });
  return { figures, failures };
}

describe('the rows of a suite', () => {
  it('are run by everybody in turn, round by round, and somebody else begins each time', async () => {
    const order: string[] = [];
    const measure: Row['measure'] = async ({ name }) => ({ order: order.push(name) });

    const { figures } = run([{ name: 'list', roles: ['ours', 'bound', 'peer'], measure }]);

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
