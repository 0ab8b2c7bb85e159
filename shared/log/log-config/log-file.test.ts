import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readVisibleTree } from '../../../test/product/folder-tree.ts';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { LogFile, type LogFileOptions } from './log-file.ts';

let scratch: ReturnType<typeof scratchFolder>;
let failures: unknown[];

beforeEach(() => {
  scratch = scratchFolder();
  failures = [];
});
afterEach(() => scratch[Symbol.dispose]());

const path = (): string => join(scratch.path, 'log');
const files = (): Record<string, string> => readVisibleTree(scratch.path);

function open(options: Partial<LogFileOptions> = {}): LogFile {
  const onFailure = (error: unknown): unknown => failures.push(error);
  return LogFile.open({ path: path(), append: true, maxBytes: 0, backupCount: 0, onFailure, ...options });
}

describe('LogFile', () => {
  it('appends to what is there already, or begins anew', () => {
    writeFileSync(path(), 'old\n');
    open().write('new\n');
    expect(files()).toEqual({ log: 'old\nnew\n' });
    open({ append: false }).write('newer\n');
    expect(files()).toEqual({ log: 'newer\n' });
  });

  it('keeps so many older files, none larger than it may be', () => {
    const file = open({ maxBytes: 4, backupCount: 2 });
    for (const line of ['1\n', '2\n', '3\n', '4\n', '5\n', '6\n', '7\n']) file.write(line);
    expect(files()).toEqual({ log: '7\n', 'log.1': '5\n6\n', 'log.2': '3\n4\n' });
  });

  it('counts what was there before', () => {
    writeFileSync(path(), 'old\n');
    open({ maxBytes: 4, backupCount: 1 }).write('new\n');
    expect(files()).toEqual({ log: 'new\n', 'log.1': 'old\n' });
  });

  it('writes a line that is longer than a file may be', () => {
    const file = open({ maxBytes: 4, backupCount: 1 });
    file.write('a line\n');
    file.write('b\n');
    expect(files()).toEqual({ log: 'b\n', 'log.1': 'a line\n' });
  });

  it('is never rotated when nothing older is to be kept', () => {
    const file = open({ maxBytes: 4 });
    file.write('one\n');
    file.write('two\n');
    expect(files()).toEqual({ log: 'one\ntwo\n' });
  });

  it('says once that it can not be written, and goes on when it can', () => {
    const file = open({ maxBytes: 4, backupCount: 1 });
    file.write('one\n');
    mkdirSync(`${path()}.1`);
    file.write('two\n');
    file.write('three\n');
    expect(failures).toEqual([expect.objectContaining({ code: 'EISDIR' })]);
    rmdirSync(`${path()}.1`);
    file.write('four\n');
    expect(files()).toEqual({ log: 'four\n', 'log.1': 'one\n' });
    expect(failures).toHaveLength(1);
  });

  it('can not be opened where there is no folder', () => {
    expect(() => open({ path: join(scratch.path, 'none', 'log') })).toThrow('ENOENT');
  });
});
