import { describe, expect, it } from '@jest/globals';
import { correction, help, readCommandLine } from './command-line.ts';
import { text } from './settings/kind.ts';
import { optionalSetting, requiredSetting } from './settings/setting.ts';

const program = {
  name: 'program',
  purpose: 'Does something.',
  table: {
    process: { PORT: optionalSetting({ kind: text(), description: 'Its port.' }) },
    sync: { REQ_URL: requiredSetting({ kind: text(), description: 'Whom to call.' }) },
  },
};

describe('readCommandLine', () => {
  it('reads flags with their value behind them or after an equals sign; the last one counts', () => {
    const argv = ['--a', '1', '--b-c=x=y', '--d=', '--e', '-1', '--a', '2', '--f=--g'];
    expect(readCommandLine(argv)).toEqual({
      wants: 'run',
      flags: { '--a': '2', '--b-c': 'x=y', '--d': '', '--e': '-1', '--f': '--g' },
      operands: [],
    });
    expect(readCommandLine([])).toEqual({ wants: 'run', flags: {}, operands: [] });
  });

  it('reads as many operands as there may be, wherever they stand; a dash is one', () => {
    const accepted = { operands: 1, commands: [] };
    expect(readCommandLine(['x', '--a', '1'], accepted)).toEqual({
      wants: 'run',
      flags: { '--a': '1' },
      operands: ['x'],
    });
    expect(readCommandLine(['--a=1', '-'], accepted)).toEqual({
      wants: 'run',
      flags: { '--a': '1' },
      operands: ['-'],
    });
    expect(readCommandLine(['x', 'y'], accepted)).toEqual({ wants: 'correction', fault: 'argument 2 is no flag' });
    expect(readCommandLine(['-x'], accepted)).toEqual({ wants: 'correction', fault: 'argument 1 is no flag' });
  });

  it('knows a command that was probably meant, by the first argument alone', () => {
    const accepted = { operands: 0, commands: ['render'] };
    const faults = [['rendr', 'x'], ['secret'], ['--a=1', 'rendr']].map((argv) => readCommandLine(argv, accepted));

    expect(faults).toEqual(
      ['argument 1 is no flag; did you mean render?', 'argument 1 is no flag', 'argument 2 is no flag'].map(
        (fault) => ({
          wants: 'correction',
          fault,
        }),
      ),
    );
  });

  it.each([[['--a']], [['--a', '--b', 'c']]])('misses a value in %j', (argv) => {
    expect(readCommandLine(argv)).toEqual({ wants: 'correction', fault: '--a has no value' });
  });

  it.each([[['-a']], [['secret']], [['--']]])('does not know what %j is, and does not repeat it', (argv) => {
    expect(readCommandLine(['--b=c', ...argv])).toEqual({ wants: 'correction', fault: 'argument 2 is no flag' });
  });

  it('answers questions, whatever else there is', () => {
    expect(readCommandLine(['x', '--help'])).toEqual({ wants: 'help' });
    expect(readCommandLine(['-h'])).toEqual({ wants: 'help' });
    expect(readCommandLine(['--version'])).toEqual({ wants: 'version' });
  });
});

describe('what a person is told', () => {
  it('is how to call the program and what was wrong', () => {
    expect(correction(program, ['--a has no value'])).toBe(
      'usage: program [--SETTING VALUE]...   (more by --help)\nprogram: error: --a has no value\n',
    );
  });

  it('is what it has to be given, and where the rest stands', () => {
    expect(help(program)).toBe(`usage: program [--SETTING VALUE]...

Does something.

A setting is an environment variable or, unless it is a secret, a flag, which wins: LOG_LEVEL is --log-level.

Required:
  REQ_URL, --req-url
      Whom to call.

All settings: docs/settings.md
`);
  });

  it('is what else it can do', () => {
    expect(help({ ...program, commands: { 'render FILE': 'Prints it.' } })).toContain(`Does something.

Besides:
  program render FILE
      Prints it.

A setting is`);
  });
});
