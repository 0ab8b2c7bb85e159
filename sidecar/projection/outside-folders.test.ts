import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { outsideFolders } from './outside-folders.ts';

let scratch: ReturnType<typeof scratchFolder>;
const at = (path: string): string => join(scratch.path, path);
const link = (path: string, target: string): void => symlinkSync(at(target), at(path));

beforeEach(() => {
  scratch = scratchFolder();
  for (const folder of ['files/sub', 'data/real/sub', 'elsewhere']) mkdirSync(at(folder), { recursive: true });
});
afterEach(() => scratch[Symbol.dispose]());

describe('outsideFolders, every folder', () => {
  const locate = (folder: string): string | null => outsideFolders(at('files'), null).locate(at(folder));

  it('has one path for each folder, whatever links lead to it, and whether it exists or not', () => {
    link('link', 'data/real');
    expect(['data/real/new/deep', 'link/new/deep', 'link'].map(locate)).toEqual([
      at('data/real/new/deep'),
      at('data/real/new/deep'),
      at('data/real'),
    ]);
  });

  it('has a folder of FOLDER relative to it, also by a link', () => {
    link('link', 'files/sub');
    expect(['link', 'link/new', 'files/sub', 'files', 'files2'].map(locate)).toEqual([
      'sub',
      'sub/new',
      'sub',
      '.',
      at('files2'),
    ]);
  });

  it('leaves what is no folder, or leads nowhere, to whoever writes there', () => {
    writeFileSync(at('file'), '');
    link('nowhere', 'not/there');
    link('loop', 'loop');
    expect(['file/x', 'nowhere/x', 'loop/x'].map(locate)).toEqual([at('file/x'), at('nowhere/x'), at('loop/x')]);
  });
});

describe('outsideFolders, ALLOWED_FOLDERS', () => {
  const locate = (folder: string, ...allowed: string[]): string | null =>
    outsideFolders(at('files'), allowed.map(at)).locate(at(folder));

  it('allows these folders and those below', () => {
    expect(locate('data', 'elsewhere', 'data')).toBe(at('data'));
    expect(locate('data/new/deep', 'data')).toBe(at('data/new/deep'));
    expect(locate('data2', 'data')).toBeNull();
    expect(locate('data')).toBeNull();
  });

  it('resolves an allowed folder that is a link itself, and follows none below', () => {
    link('allowed', 'data/real');
    link('data/real/out', 'elsewhere');
    link('data/real/in', 'data/real/sub');
    expect(locate('allowed/new', 'allowed')).toBe(at('data/real/new'));
    expect(locate('allowed/out', 'allowed')).toBeNull();
    expect(locate('allowed/out/new', 'allowed')).toBeNull();
    expect(locate('allowed/in', 'allowed')).toBeNull();
  });

  it('has a folder of FOLDER relative to it where an allowed folder leads there', () => {
    link('allowed', 'files/sub');
    expect(locate('allowed/deep', 'allowed')).toBe('sub/deep');
  });
});

describe('outsideFolders, paths of an earlier process', () => {
  it('accepts them where the folder is still allowed, and not by an absolute path in FOLDER', () => {
    link('allowed', 'data/real');
    const accepts = (path: string, allowed: string[] | null): boolean =>
      outsideFolders(at('files'), allowed?.map(at) ?? null).accepts(at(path));
    expect(accepts('data/real/sub/k', ['allowed'])).toBe(true);
    expect(accepts('data/k', ['allowed'])).toBe(false);
    expect(accepts('data/k', null)).toBe(true);
    expect(accepts('files/k', null)).toBe(false);
  });
});
