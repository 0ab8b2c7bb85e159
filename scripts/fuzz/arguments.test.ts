import { describe, expect, it } from '@jest/globals';
import { readArguments } from './arguments.ts';

const targets = ['pods', 'reviews'];

describe('the command line of fuzzing', () => {
  it('takes a hundred thousand cases of all targets when nothing is said', () => {
    expect(readArguments([], targets)).toEqual({ runs: 100_000, seed: undefined, target: undefined, path: undefined });
  });

  it('takes one case of one target again', () => {
    const args = ['--runs', '500', '--seed=0', '--target', 'pods', '--path', '27:0:1'];

    expect(readArguments(args, targets)).toEqual({ runs: 500, seed: 0, target: 'pods', path: '27:0:1' });
  });

  it.each([
    [['--runs', '0'], '--runs needs a number from 1 to 2147483647, not "0"'],
    [['--seed', 'x'], '--seed needs a number from 0 to 2147483647, not "x"'],
    [['--target', 'pod'], 'there is no target "pod"'],
    [['--path', '1', '--seed', '1'], '--path goes with --target and --seed'],
    [['--path', 'a', '--seed', '1', '--target', 'pods'], '--path needs numbers as 27:0:1, not "a"'],
  ])('%j: %s', (args, problem) => {
    expect(readArguments(args, targets)).toEqual({ problem: expect.stringMatching(`^${problem}\n\nusage: `) });
  });
});
