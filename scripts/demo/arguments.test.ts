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

  it('are all named in one line with what is accepted when some are not', () => {
    expect(readArguments(['--nodes', '--keep', 'patch'])).toEqual({
      problem: 'The demo accepts --node, --install, --keep, --broken=patch, --broken=sidecar; not "--nodes", "patch"',
    });
  });

  it('install nothing without a node', () => {
    expect(readArguments(['--install'])).toEqual({
      problem: '--install goes with --node: without a node, nothing has to be installed',
    });
  });
});
