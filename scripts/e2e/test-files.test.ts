import { describe, expect, it } from '@jest/globals';
import { patternProblem } from './test-files.ts';

describe('the patterns of npm run e2e', () => {
  it.each([[[]], [['job']], [['test/e2e/JOB', 'job.test.ts$']]])('may be %j', async (patterns) => {
    expect(await patternProblem(patterns)).toBeUndefined();
  });

  it.each(['nosuchpattern', '('])('are refused with the names of the files when %s picks none', async (pattern) => {
    expect(await patternProblem(['job', pattern])).toMatch(
      new RegExp(`^.+ picks no test file; there are:\n(  \\S+\\.test\\.ts\n)*  job\\.test\\.ts\n`),
    );
  });
});
