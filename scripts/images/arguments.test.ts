import { describe, expect, it } from '@jest/globals';
import { readArguments } from './arguments.ts';

describe('the command line of npm run images', () => {
  it('may be empty: nothing is installed or pushed', () => {
    expect(readArguments([])).toEqual({ install: false, push: undefined, nodeImage: undefined });
  });

  it.each(['registry.example.com', 'localhost:5000', 'GHCR.io/some-team', 'ghcr.io/some-team/images'])(
    'pushes to %s',
    (registry) => {
      const args = ['--install', '--push', registry, '--node-image=docker.io/library/node:24'];

      expect(readArguments(args)).toEqual({
        install: true,
        push: registry,
        nodeImage: 'docker.io/library/node:24',
      });
    },
  );

  it.each([
    [
      ['--push', 'https://ghcr.io'],
      '--push needs a registry and maybe a path in lower case, such as registry.example.com/team, not "https://ghcr.io"',
    ],
    [
      ['--push', 'ghcr.io/'],
      '--push needs a registry and maybe a path in lower case, such as registry.example.com/team, not "ghcr.io/"',
    ],
    [
      ['--push', ''],
      '--push needs a registry and maybe a path in lower case, such as registry.example.com/team, not ""',
    ],
    [
      ['--push', 'ghcr.io/Team'],
      '--push needs a registry and maybe a path in lower case, such as registry.example.com/team, not "ghcr.io/Team"',
    ],
    [['--node-image='], '--node-image needs the name of an image, not ""'],
  ])('refuses %j: %s', (args, problem) => {
    expect(readArguments(args)).toEqual({ problem: expect.stringContaining(`${problem}\n\nusage: npm run images`) });
  });

  it.each([
    [['--fast'], 'unknown option --fast'],
    [['ghcr.io'], '"ghcr.io"'],
    [['--push'], '--push needs a value'],
  ])('refuses %j with the usage', (args, named) => {
    const { problem } = readArguments(args) as { problem: string };

    expect(problem).toContain(named);
    expect(problem).toContain('usage: npm run images');
  });
});
