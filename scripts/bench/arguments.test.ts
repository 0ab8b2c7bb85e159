import { describe, expect, it } from '@jest/globals';
import { readArguments } from './arguments.ts';

const suites = [
  { name: 'sidecar', rows: ['idle', 'burst'], rounds: 3, boundName: 'plain loop' },
  { name: 'webhook', rows: ['review'], rounds: 5, boundName: 'bare responder' },
];

describe('the command line of the benchmark', () => {
  it('runs all suites, each as often as it has of itself, when nothing is said', () => {
    expect(readArguments([], suites)).toEqual({ suite: undefined, rounds: undefined, rows: [], peers: [] });
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
    [['sidecar', '--peer', 'other'], `--peer needs 'NAME=COMMAND', not "other"`],
    [['sidecar', '--peer', '=other'], `--peer needs 'NAME=COMMAND', not "=other"`],
    [['--peer', 'other=x'], '--peer needs the suite that it takes part in'],
    [['sidecar', '--peer', 'plain loop=x'], 'two columns would be called "plain loop"'],
    [['webhook', '--peer', 'bare responder=x'], 'two columns would be called "bare responder"'],
    [['sidecar', '--peer', 'a=x', '--peer', 'a=y'], 'two columns would be called "a"'],
  ])('refuses %j: %s', (args, problem) => {
    expect(readArguments(args, suites)).toEqual({
      problem: expect.stringContaining(`${problem}\n\nusage: npm run bench`),
    });
  });

  it('refuses a flag that it does not know, with the usage', () => {
    const refused = readArguments(['--fast'], suites) as { problem: string };

    expect(refused.problem).toContain("'--fast'");
    expect(refused.problem).toContain('rows of sidecar: idle, burst\n  rows of webhook: review');
  });
});
