import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { matchesPattern, namespacePattern } from './name-pattern.ts';

describe('a pattern', () => {
  it.each([
    ['team-a', 'team-a'],
    ['team-*', 'team-'],
    ['team-*', 'team-a-b'],
    ['*-prod', 'shop-prod'],
    ['*', 'anything'],
    ['a*b*c', 'abc'],
    ['a*b*c', 'a-bb-b-c-c'],
    ['**a', 'a'],
    ['a*a', 'aa'],
  ])('%s matches %s', (pattern, name) => {
    expect(matchesPattern(name, pattern)).toBe(true);
  });

  it.each([
    ['team-a', 'team-ab'],
    ['team-a', 'xteam-a'],
    ['team-*', 'team'],
    ['team-*', 'a-team-b'],
    ['*-prod', 'shop-prod-a'],
    ['a*a', 'a'],
    ['a*b*c', 'acb'],
    ['ab*bc', 'abc'],
    ['a.c', 'abc'],
  ])('%s does not match %s', (pattern, name) => {
    expect(matchesPattern(name, pattern)).toBe(false);
  });

  it('matches what the regular expression matches that it stands for', () => {
    const text = (letters: string): fc.Arbitrary<string> =>
      fc.string({ unit: fc.constantFrom(...letters), maxLength: 8 });

    fc.assert(
      fc.property(text('ab'), text('ab*'), (name, pattern) => {
        expect(matchesPattern(name, pattern)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name));
      }),
    );
  });
});

describe('the pattern of a namespace', () => {
  it.each(['a', 'team-*', '*', '*-a-*', '0'])('may be %s', (given) => {
    expect(namespacePattern.parse(given)).toBe(given);
  });

  it.each(['', ' a', 'A', '-a', 'a-', 'a/b', 'a,b', 'a.b', 'a?', 'a'.repeat(64)])('may not be "%s"', (given) => {
    expect(namespacePattern.parse(given)).toBeUndefined();
  });
});
