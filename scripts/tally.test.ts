import { describe, expect, it } from '@jest/globals';
import { closingLine, succeeded, sum } from './tally.ts';

describe('sum', () => {
  it('counts each result', () => {
    const tally = sum([
      { name: 'types', result: 'passed' },
      { name: 'a', result: 'failed' },
      { name: 'b', result: 'skipped' },
      { name: 'c', result: 'passed' },
    ]);
    expect(tally).toEqual({ passed: 2, failed: 1, skipped: 1 });
  });

  it('is zero for nothing', () => {
    expect(sum([])).toEqual({ passed: 0, failed: 0, skipped: 0 });
  });
});

describe('closingLine', () => {
  it('reads the same for one and for many', () => {
    expect(closingLine({ passed: 1, failed: 0, skipped: 12 })).toBe('1 passed, 0 failed, 12 skipped');
  });
});

describe('succeeded', () => {
  it.each([
    ['something passed and nothing failed', { passed: 3, failed: 0, skipped: 0 }, true],
    ['some tests were skipped', { passed: 3, failed: 0, skipped: 2 }, true],
    ['one test failed', { passed: 3, failed: 1, skipped: 0 }, false],
    ['nothing ran', { passed: 0, failed: 0, skipped: 0 }, false],
    ['all tests were skipped', { passed: 0, failed: 0, skipped: 5 }, false],
  ])('when %s', (_case, tally, answer) => {
    expect(succeeded(tally)).toBe(answer);
  });
});
