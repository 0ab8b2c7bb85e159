import { describe, expect, it } from '@jest/globals';
import { PlainError } from './plain-error.ts';
import { readOptions } from './read-options.ts';

const accepted = {
  options: { clean: { type: 'boolean' }, push: { type: 'string' } },
  usage: 'usage: npm run it',
} as const;

function read(args: readonly string[], allowPositionals = false): unknown {
  return readOptions(args, { ...accepted, allowPositionals }, ({ values, positionals }) => ({
    ...values,
    positionals,
  }));
}

describe('the options of a command', () => {
  it('are read with their values', () => {
    expect(read(['--clean', '--push', 'a'])).toEqual({ clean: true, push: 'a', positionals: [] });
    expect(read(['--push=-a', 'b'], true)).toEqual({ push: '-a', positionals: ['b'] });
  });

  it.each([['--help'], ['-h']])('are explained by %s, whatever stands beside it', (help) => {
    expect(read([help])).toEqual({ help: accepted.usage });
    expect(read(['--cleen', help])).toEqual({ help: accepted.usage });
  });

  it.each([
    [['--cleen'], 'unknown option --cleen; did you mean --clean?'],
    [['--cleen=yes'], 'unknown option --cleen; did you mean --clean?'],
    [['--halp'], 'unknown option --halp; did you mean --help?'],
    [['--fast'], 'unknown option --fast'],
    [['--constructor'], 'unknown option --constructor'],
    [['-c'], 'unknown option -c'],
    [['b'], 'nothing but options is accepted, not "b"'],
    [['--clean=yes'], '--clean goes without a value, not with "yes"'],
    [['--push'], '--push needs a value'],
    [['--push', '--clean'], '--push needs a value'],
  ])('are refused as %j: %s', (args, problem) => {
    expect(read(args)).toEqual({ problem: `${problem}\n\n${accepted.usage}` });
  });

  it('are refused in the words of the command too, but its faults are none of the options', () => {
    const failing = (error: Error) => () =>
      readOptions([], accepted, () => {
        throw error;
      });

    expect(failing(new PlainError('not both'))()).toEqual({ problem: `not both\n\n${accepted.usage}` });
    expect(failing(new TypeError('a mistake'))).toThrow('a mistake');
  });
});
