import { expect, it } from '@jest/globals';
import { describeProblem, describeProblems, firstSentences, problemLines, type Problem } from './problem.ts';

const problems = Array.from({ length: 50_000 }, (_, index): Problem => ({
  where: `A${index}`,
  kind: 'unknown',
  fault: 'is no setting',
}));
const first = Array.from({ length: 20 }, (_, index) => `A${index}: is no setting`);

it('the first 20 problems are told, and how many there are', () => {
  expect(problemLines(problems)).toEqual([...first, 'and 49980 more']);
  expect(describeProblems(problems)).toBe(
    ['50000 problems with the settings:', ...first.map((line) => `  ${line}`), '  and 49980 more'].join('\n'),
  );
  expect(problemLines(problems.slice(0, 20))).toEqual(first);
});

it('no part of a problem hides the others, however long it is', () => {
  const [long, many] = ['x'.repeat(100_000), 'y, '.repeat(100_000)];
  const problem: Problem = { where: long, kind: 'refused', given: long, fault: many, accepts: many, nearest: 'z' };

  expect(describeProblem(problem)).toBe(
    `${'x'.repeat(1000)}…="${'x'.repeat(80)}…": ${many.slice(0, 1000)}…; accepts ${many.slice(0, 1000)}…; did you mean z?`,
  );
});

it('of sentences as many are told, and as much of each', () => {
  const sentences = ['a'.repeat(1001), ...Array.from({ length: 20 }, () => 'b')];

  expect(firstSentences(sentences)).toEqual([`${'a'.repeat(1000)}…`, ...sentences.slice(1, 20), 'and 1 more']);
});
