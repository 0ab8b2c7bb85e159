import { describe, expect, it } from '@jest/globals';
import { fitWarnings } from './warnings.ts';

const fit = (...groups: string[][]): string[] => fitWarnings(groups, 'Deployment/a');

describe('warnings', () => {
  it('are all lines of all groups', () => {
    expect(fit(['a'], ['b', 'c'])).toEqual(['a', 'b', 'c']);
    expect(fit()).toEqual([]);
  });

  it('have no control characters: the API server would drop them', () => {
    expect(fit(['a\tb\nc\u0000d\u0085e'])).toEqual(['a b c d e']);
  });

  it('leave a quarter of what the API server passes on to others, and leave out whole groups', () => {
    const kilobyte = 'x'.repeat(1024);

    expect(fit([kilobyte], [kilobyte, kilobyte])).toEqual([kilobyte, kilobyte, kilobyte]);
    expect(fit([kilobyte], [kilobyte, kilobyte, 'x'])).toEqual([
      kilobyte,
      'Deployment/a: 3 more lines are left out until these are seen to',
    ]);
  });

  it('leave out none that fits for one before it that does not', () => {
    const long = 'x'.repeat(4000);

    expect(fit(['a'], [long], ['b'], [long, 'c'])).toEqual([
      'a',
      'b',
      'Deployment/a: 3 more lines are left out until these are seen to',
    ]);
  });
});
