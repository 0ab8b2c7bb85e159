import { describe, expect, it } from '@jest/globals';
import { readArguments } from './arguments.ts';

describe('the arguments of npm run demo', () => {
  it('ask for the demo without a node, which ends by itself, unless told', () => {
    expect(readArguments([])).toEqual({ node: false, install: false, keep: false, broken: undefined });
  });

  it('may ask for a node, for packages to be installed, for all to stay, for a broken product', () => {
    expect(readArguments(['--keep', '--install', '--broken=sidecar', '--node'])).toEqual({
      node: true,
      install: true,
      keep: true,
      broken: 'sidecar',
    });
  });

  it.each([
    [['--nodes', '--keep'], 'unknown option --nodes; did you mean --node?'],
    [['--broken=foo'], '--broken is patch or sidecar, not "foo"'],
    [['patch'], 'nothing but options is accepted, not "patch"'],
  ])('are refused as %j: %s', (args, problem) => {
    expect(readArguments(args)).toEqual({ problem: expect.stringContaining(`${problem}\n\nusage: npm run demo`) });
  });

  it('install nothing without a node', () => {
    expect(readArguments(['--install'])).toEqual({
      problem: expect.stringMatching(
        /^--install goes with --node: without a node, nothing has to be installed\n\nusage/,
      ),
    });
  });
});
