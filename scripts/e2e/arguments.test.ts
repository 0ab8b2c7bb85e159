import { describe, expect, it } from '@jest/globals';
import { readArguments } from './arguments.ts';

describe('the arguments of npm run e2e', () => {
  it('ask for all tests, and to install nothing, unless told', () => {
    expect(readArguments([])).toEqual({ install: false, clean: false, patterns: [] });
  });

  it('may allow to install packages, and name test files', () => {
    expect(readArguments(['--install', 'job', 'outage'])).toEqual({
      install: true,
      clean: false,
      patterns: ['job', 'outage'],
    });
  });

  it('may ask to clean up alone', () => {
    expect(readArguments(['--clean'])).toEqual({ install: false, clean: true, patterns: [] });
    expect(readArguments(['--clean', 'job'])).toEqual({
      problem: expect.stringMatching(/^--clean goes alone\n\nusage/),
    });
  });

  it('are refused with the usage when one is not known', () => {
    expect(readArguments(['--instal'])).toEqual({
      problem: expect.stringMatching(/^unknown option --instal; did you mean --install\?\n\nusage: npm run e2e/),
    });
  });
});
