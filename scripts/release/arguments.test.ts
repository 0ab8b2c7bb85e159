import { describe, expect, it } from '@jest/globals';
import { readArguments } from './arguments.ts';

describe('the command line of npm run release', () => {
  it('of a check needs no more than the tag', () => {
    expect(readArguments(['check', 'v0.1.0'])).toEqual({
      command: 'check',
      tag: 'v0.1.0',
      repository: undefined,
      output: 'dist',
    });
  });

  it('of a chart names repository and folder', () => {
    expect(readArguments(['chart', 'v0.1.0', '--repository', 'Some-Team/sync-sidecar', '--output=/tmp/x'])).toEqual({
      command: 'chart',
      tag: 'v0.1.0',
      repository: 'Some-Team/sync-sidecar',
      output: '/tmp/x',
    });
  });

  it.each([
    [[], 'one of check, notes, chart is needed'],
    [['chekc', 'v0.1.0'], 'unknown command chekc; did you mean check?'],
    [['check'], 'check needs the tag of the release, such as v0.1.0'],
    [['check', 'v0.1.0', 'v0.2.0'], 'nothing is accepted after the tag, not "v0.2.0"'],
    [['notes', 'v0.1.0'], 'notes needs --repository'],
    [['chart', 'v0.1.0', '--repository', 'a/b/c'], '--repository needs owner/name as on GitHub, not "a/b/c"'],
    [['notes', 'v0.1.0', '--repositry', 'a/b'], 'unknown option --repositry; did you mean --repository?'],
  ])('refuses %j: %s', (args, problem) => {
    expect(readArguments(args)).toEqual({
      problem: expect.stringContaining(`${problem}\n\nusage: npm run --silent release`),
    });
  });
});
