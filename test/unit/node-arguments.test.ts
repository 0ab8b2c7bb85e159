import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { readArguments } from '../node/arguments.ts';

describe('the arguments of npm run node', () => {
  it('install nothing unless told', () => {
    expect(readArguments([])).toEqual({ install: false });
    expect(readArguments(['--install'])).toEqual({ install: true });
  });

  it.each([
    ['--instal', 'unknown option --instal; did you mean --install?'],
    ['job', 'nothing but options is accepted, not "job"'],
  ])('are refused with the usage when one is %s', (argument, problem) => {
    expect(readArguments([argument])).toEqual({
      problem: expect.stringContaining(`${problem}\n\nusage: npm run node -- [--install]\n`),
    });
  });

  it('are looked at before anything is done', () => {
    const program = join(import.meta.dirname, '../node/main.ts');
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--keep'], { encoding: 'utf8' });

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('usage: npm run node');
  });
});
