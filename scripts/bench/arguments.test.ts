import { describe, expect, it } from '@jest/globals';
import { readArguments } from './arguments.ts';

const suites = new Map([
  ['sidecar', ['idle', 'burst']],
  ['webhook', ['review']],
]);

describe('the command line of the benchmark', () => {
  it('runs all suites three times when nothing is said', () => {
    expect(readArguments([], suites)).toEqual({ suite: undefined, rounds: 3, rows: [], peers: [] });
  });

  it('picks suite, rows and rounds, and takes peers whose command has an equals sign', () => {
    const args = ['sidecar', '--rounds', '5', '--row=idle', '--row', 'burst', '--peer', 'other=env A=b other --x=1'];

    expect(readArguments(args, suites)).toEqual({
      suite: 'sidecar',
      rounds: 5,
      rows: ['idle', 'burst'],
      peers: [{ name: 'other', command: 'env A=b other --x=1' }],
    });
  });

  it.each([
    [['chart'], 'there is no suite "chart"'],
    [['sidecar', 'webhook'], 'one suite at a time, not sidecar and webhook'],
    [['webhook', '--row', 'idle'], 'there is no row "idle"'],
    [['--rounds', '0'], '--rounds needs a number from 1 to 99, not "0"'],
    [['--peer', 'other'], `--peer needs 'NAME=COMMAND', not "other"`],
    [['--peer', '=other'], `--peer needs 'NAME=COMMAND', not "=other"`],
    [['--peer', 'plain loop=x'], 'two columns would be called "plain loop"'],
    [['--peer', 'a=x', '--peer', 'a=y'], 'two columns would be called "a"'],
  ])('refuses %j: %s', (args, problem) => {
    expect(readArguments(args, suites)).toEqual({
      problem: expect.stringContaining(`${problem}\n\nusage: npm run bench`),
    });
  });

  it('refuses a flag that it does not know, with the usage', () => {
    const refused = readArguments(['--fast'], suites) as { problem: string };

    expect(refused.problem).toContain("'--fast'");
    expect(refused.problem).toContain('rows of sidecar: idle, burst');
  });
});
