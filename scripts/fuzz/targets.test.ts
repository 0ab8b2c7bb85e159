import { describe, expect, it } from '@jest/globals';
import { runTarget } from './run-target.ts';
import { targets } from './targets.ts';

// `npm run fuzz` tries a thousand times as many.
const cases = 300;

describe('whatever is given', () => {
  it.each(targets)('to the $name, the laws hold', async (target) => {
    // A seed of its own each time: what is found here is told with it.
    const seed = Math.floor(Math.random() * 2 ** 31);
    const numRuns = Math.ceil((cases * target.share) / 100);

    const failure = await runTarget(target, { numRuns, seed, path: undefined, onCase: () => undefined });

    expect(failure).toBeUndefined();
  });

  it('all of it is a hundred shares', () => {
    expect(targets.reduce((sum, { share }) => sum + share, 0)).toBe(100);
  });
});
