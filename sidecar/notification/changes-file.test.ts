import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { writeChangesFile } from './changes-file.ts';

const changes = {
  sync: 'dashboards',
  complete: true,
  written: ['/app/a'],
  removed: ['/app/b'],
  objects: ['configmap/x/a'],
};

const owner = { id: '0123456789ab', abandonedMs: 60_000 };

let scratch: ReturnType<typeof scratchFolder>;

beforeEach(() => {
  scratch = scratchFolder();
});

afterEach(() => scratch[Symbol.dispose]());

function folder(name: string): string {
  const path = join(scratch.path, name);
  mkdirSync(path, { recursive: true });
  return path;
}

/** Writes a file, and answers which of the folders it lay in; null when there was no place for it. */
function placeOf(candidates: string[], notIn = folder('files')): string | null {
  using file = writeChangesFile(changes, { candidates, notIn, ...owner });
  return file && dirname(dirname(file.path));
}

describe('changes file', () => {
  it('is readable for this user alone, and gone with its folder when it is disposed of', () => {
    const place = folder('tmp');
    {
      using file = writeChangesFile(changes, { candidates: [place], notIn: folder('files'), ...owner });
      const path = file?.path ?? '';
      expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(changes);
      expect([path, dirname(path)].map((at) => statSync(at).mode & 0o777)).toEqual([0o600, 0o700]);
      // What a script leaves there goes too.
      writeFileSync(join(dirname(path), 'left'), '');
    }
    expect(readdirSync(place)).toEqual([]);
  });

  it('lies in the first place that takes it', () => {
    const [first, second] = [folder('first'), folder('second')];
    expect(placeOf([first, second])).toBe(first);
    const notAFolder = join(scratch.path, 'file');
    writeFileSync(notAFolder, '');
    expect(placeOf([join(scratch.path, 'none'), notAFolder, '/proc', second])).toBe(second);
    expect(placeOf([join(scratch.path, 'none'), notAFolder])).toBeNull();
    expect(placeOf([])).toBeNull();
  });

  it('never lies where the application reads, nor below, also by way of a link', () => {
    const files = folder('files');
    const below = folder('files/below');
    symlinkSync(below, join(scratch.path, 'link'));
    expect(placeOf([files, below, join(scratch.path, 'link')], files)).toBeNull();
    expect(placeOf([folder('files-of-others')], files)).toBe(join(scratch.path, 'files-of-others'));
    expect(placeOf([scratch.path], files)).toBe(scratch.path);
    expect(placeOf([folder('..names')], scratch.path)).toBeNull();
    expect(existsSync(files) && readdirSync(files)).toEqual(['below']);
  });

  it('removes what a killed process of the same sync has left, once no call can need it', () => {
    const place = folder('tmp');
    const other = `${owner.id.slice(1)}c`;
    const left = { [`${owner.id}-aaaaaa`]: 61, [`${owner.id}-bbbbbb`]: 59, [`${other}-aaaaaa`]: 3600 };
    for (const [name, seconds] of Object.entries(left)) {
      const path = folder(`tmp/sync-sidecar-${name}`);
      writeFileSync(join(path, 'changes.json'), '{}');
      const time = Date.now() / 1000 - seconds;
      utimesSync(path, time, time);
    }
    expect(placeOf([place])).toBe(place);
    expect(readdirSync(place).sort()).toEqual([`sync-sidecar-${owner.id}-bbbbbb`, `sync-sidecar-${other}-aaaaaa`]);
  });
});
