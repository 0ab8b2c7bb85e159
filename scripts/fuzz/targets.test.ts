import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fuzzTarget } from './fuzz-target.ts';
import { runTarget } from './run-target.ts';
import { targets } from './targets.ts';

// `npm run fuzz` tries a thousand times as many.
const cases = 300;
const quiet = { path: undefined, onCase: () => undefined, onAccepted: () => undefined };

describe('whatever is given', () => {
  it.each(targets)('to the $name, the laws hold', async (target) => {
    // A seed of its own each time: what is found here is told with it.
    const seed = Math.floor(Math.random() * 2 ** 31);
    const numRuns = Math.ceil((cases * target.share) / 100);

    const failure = await runTarget(target, { ...quiet, numRuns, seed });

    expect(failure).toBeUndefined();
  });

  it.each(targets)('to the $name, enough is accepted for the laws to be asked', async (target) => {
    let accepted = 0;

    await runTarget(target, { ...quiet, numRuns: 100, seed: 1, onAccepted: () => accepted++ });

    expect(accepted).toBeGreaterThanOrEqual(10);
  });

  it('all of it is a hundred shares', () => {
    expect(targets.reduce((sum, { share }) => sum + share, 0)).toBe(100);
  });
});

describe('a law that is broken', () => {
  const below = (limit: number) =>
    fuzzTarget({
      name: 'numbers',
      share: 100,
      start: () => ({
        arbitrary: fc.nat(1000),
        holds: (value) => {
          if (value >= limit) throw new Error(`${value} is too much`);
          return true;
        },
      }),
    });

  it('is told with the smallest case that breaks it, and how to try that one again', async () => {
    const failure = await runTarget(below(17), { ...quiet, numRuns: 100, seed: 1 });

    expect(failure).toEqual({
      report: expect.stringMatching(/Counterexample: \[17\][^]*17 is too much$/),
      path: expect.any(String),
    });
    expect(await runTarget(below(17), { ...quiet, numRuns: 1, seed: 1, path: failure!.path })).toMatchObject({
      report: expect.stringContaining('17 is too much'),
    });
  });

  it('does not count as accepted', async () => {
    let accepted = 0;

    const failure = await runTarget(below(0), { ...quiet, numRuns: 100, seed: 1, onAccepted: () => accepted++ });

    expect([failure === undefined, accepted]).toEqual([false, 0]);
  });
});
