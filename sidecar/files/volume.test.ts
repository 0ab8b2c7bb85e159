import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { asOrdinaryUser } from '../../test/ordinary-user.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { temporaryNames } from './temporary-files.ts';
import { PathTakenError, Volume } from './volume.ts';

// Needs root.
const canMount = spawnSync('unshare', ['--mount', 'true']).status === 0;

let scratch: ReturnType<typeof scratchFolder>;
let folder: string;
let volume: Volume;

beforeEach(() => {
  scratch = scratchFolder();
  folder = join(scratch.path, 'files');
  volume = open();
});

afterEach(() => scratch[Symbol.dispose]());

const naming = { id: 'abc', host: 'here', random: () => 0 };
const open = (stateFolder = folder): Volume => Volume.open({ folder, stateFolder, ...naming });
const at = (path: string): string => join(folder, path);
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
const write = (path: string, content: string, mode = 0o644) => volume.write(path, Buffer.from(content), mode);

describe('Volume.write', () => {
  it('writes a file with its mode, and says how it looks', () => {
    const { changed, fingerprint } = write('a', 'one', 0o640);
    const { size, mtimeMs, ino } = statSync(at('a'));
    expect({ changed, fingerprint }).toEqual({ changed: true, fingerprint: { size, mtimeMs, inode: ino } });
    expect([readFileSync(at('a'), 'utf8'), modeOf(at('a'))]).toEqual(['one', '640']);
    expect(volume.inspect('a')).toEqual({ ...fingerprint, mode: 0o640 });
  });

  it('makes folders that everybody may enter, and files with their mode, whatever the umask', () => {
    const program = `
      import { Volume } from ${JSON.stringify(new URL('volume.ts', import.meta.url).href)};
      process.umask(0o077);
      const folder = process.argv[1] + '/x/y/z';
      Volume.open({ folder, stateFolder: folder, id: 'abc', host: '', random: () => 0 }).write('a/b/c', Buffer.from('one'), 0o666);`;
    const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program, folder], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    const made = ['x', 'x/y', 'x/y/z', 'x/y/z/a', 'x/y/z/a/b', 'x/y/z/a/b/c'];
    expect(made.map((path) => modeOf(at(path)))).toEqual(['755', '755', '755', '755', '755', '666']);
  });

  it('replaces a file by another one, so that who has it open reads the old content to its end', () => {
    write('a', 'one');
    linkSync(at('a'), at('still the old one'));
    write('a', 'two');
    expect([readFileSync(at('still the old one'), 'utf8'), readFileSync(at('a'), 'utf8')]).toEqual(['one', 'two']);
    expect(readdirSync(folder).sort()).toEqual(['a', 'still the old one']);
  });

  it('never shows a reader a part of a file', async () => {
    // Large enough that a write in place would take many times longer than a look.
    const contents = ['x', 'y'].map((letter) => Buffer.alloc(4 << 20, letter));
    const [x, y] = contents as [Buffer, Buffer];
    volume.write('a', x, 0o644);
    const reader = new Worker(readUntilTold, { eval: true, workerData: at('a') });
    try {
      await new Promise((resolve) => reader.once('message', resolve));
      for (let n = 0; n < 40; n++) volume.write('a', n % 2 === 0 ? y : x, 0o644);
      reader.postMessage('enough');
      const seen = await new Promise((resolve) => reader.once('message', resolve));
      expect(seen).toEqual({ parts: 0, looks: expect.any(Number) });
    } finally {
      await reader.terminate();
    }
  });

  it('leaves a file alone that is right already', () => {
    write('a', 'one');
    const { ino, ctimeMs } = statSync(at('a'));
    expect(write('a', 'one')).toEqual({ changed: false, fingerprint: fingerprintOf(statSync(at('a'))) });
    expect(statSync(at('a'))).toMatchObject({ ino, ctimeMs });
  });

  it('makes its folders again when somebody has removed them', () => {
    const state = join(scratch.path, 'state');
    const apart = open(state);
    for (const gone of [[folder], [state], [folder, state]]) {
      for (const path of gone) rmSync(path, { recursive: true });
      apart.write('sub/a', Buffer.from('one'), 0o644);
      expect([readFileSync(at('sub/a'), 'utf8'), readdirSync(state)]).toEqual(['one', []]);
      rmSync(at('sub'), { recursive: true });
    }
  });

  it('replaces a file whose mode alone is another', () => {
    write('a', 'one');
    expect(write('a', 'one', 0o600).changed).toBe(true);
    expect([readFileSync(at('a'), 'utf8'), modeOf(at('a'))]).toEqual(['one', '600']);
  });

  it('replaces a link in place of the file, and does not write through it', () => {
    const elsewhere = join(scratch.path, 'elsewhere');
    writeFileSync(elsewhere, 'one');
    symlinkSync(elsewhere, at('a'));
    expect(write('a', 'two').changed).toBe(true);
    expect(lstatSync(at('a')).isFile()).toBe(true);
    expect([readFileSync(elsewhere, 'utf8'), readFileSync(at('a'), 'utf8')]).toEqual(['one', 'two']);
  });

  it('refuses to follow a link below the folder', () => {
    mkdirSync(join(scratch.path, 'elsewhere'));
    symlinkSync(join(scratch.path, 'elsewhere'), at('sub'));
    expect(() => write('sub/a', 'one')).toThrow(
      new PathTakenError(`${at('sub')} is no folder, so that no file can be put into it`),
    );
    expect(() => write('sub/deep/a', 'one')).toThrow(PathTakenError);
    expect(readdirSync(join(scratch.path, 'elsewhere'))).toEqual([]);
  });

  it('refuses a path that a folder takes, and one below a file; nothing is left behind', () => {
    mkdirSync(at('folder'));
    writeFileSync(at('file'), '');
    expect(() => write('folder', 'one')).toThrow(PathTakenError);
    expect(() => write('folder', 'one')).toThrow(`${at('folder')} is a folder`);
    expect(() => write('file/a', 'one')).toThrow(PathTakenError);
    expect(readdirSync(folder).sort()).toEqual(['file', 'folder']);
  });

  it('tells a name that is too long by its code', () => {
    expect(() => write('n'.repeat(256), 'one')).toThrow(expect.objectContaining({ code: 'ENAMETOOLONG' }));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('says the same of the same fault', () => {
    const faults = [1, 2].map(() => {
      try {
        write('n'.repeat(256), 'one');
      } catch (error) {
        return String(error);
      }
    });
    expect(faults[0]).toBe(faults[1]);
  });
});

describe('Volume.missingFolders', () => {
  it('names the folders that are not there, outermost first', () => {
    mkdirSync(at('a'));
    expect(volume.missingFolders('a/b/c/file')).toEqual(['a/b', 'a/b/c']);
    expect(volume.missingFolders('file')).toEqual([]);
  });
});

describe('Volume.remove and removeFolder', () => {
  it('removes a file, and answers whether there was one', () => {
    write('sub/a', 'one');
    expect([volume.remove('sub/a'), volume.remove('sub/a'), volume.remove('nowhere/a')]).toEqual([true, false, false]);
  });

  it('leaves a folder in place of the file alone', () => {
    mkdirSync(at('a'));
    expect(volume.remove('a')).toBe(false);
    expect(existsSync(at('a'))).toBe(true);
  });

  it('removes a link in place of the file, and not what it leads to', () => {
    const elsewhere = join(scratch.path, 'elsewhere');
    writeFileSync(elsewhere, 'one');
    symlinkSync(elsewhere, at('a'));
    expect(volume.remove('a')).toBe(true);
    expect([existsSync(at('a')), existsSync(elsewhere)]).toEqual([false, true]);
  });

  it('removes nothing through a link below the folder', () => {
    const elsewhere = join(scratch.path, 'elsewhere');
    mkdirSync(join(elsewhere, 'empty'), { recursive: true });
    writeFileSync(join(elsewhere, 'a'), 'one');
    symlinkSync(elsewhere, at('sub'));
    expect([volume.remove('sub/a'), volume.removeFolder('sub/empty'), volume.removeFolder('sub')]).toEqual([
      false,
      true,
      true,
    ]);
    expect(readdirSync(elsewhere).sort()).toEqual(['a', 'empty']);
    expect(volume.inspect('sub/a')).toBeNull();
  });

  it('removes a folder only when it is empty, and answers whether it is gone', () => {
    write('sub/a', 'one');
    expect(volume.removeFolder('sub')).toBe(false);
    volume.remove('sub/a');
    expect([volume.removeFolder('sub'), volume.removeFolder('sub')]).toEqual([true, true]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves a folder that it can not even look for', () => {
    using _user = asOrdinaryUser(scratch.path);
    volume.write('sub/deep/empty/a', Buffer.from('one'), 0o644);
    volume.remove('sub/deep/empty/a');
    chmodSync(at('sub'), 0o400);
    expect(volume.removeFolder('sub/deep/empty')).toBe(false);
    chmodSync(at('sub'), 0o700);
    expect(volume.removeFolder('sub/deep/empty')).toBe(true);
  });
});

describe('Volume.inspect', () => {
  it('sees regular files alone', () => {
    mkdirSync(at('folder'));
    symlinkSync('folder', at('link'));
    expect([volume.inspect('folder'), volume.inspect('link'), volume.inspect('none'), volume.inspect('no/ne')]).toEqual(
      [null, null, null, null],
    );
  });
});

describe('Volume.open', () => {
  it('removes temporary files of its own sync and host at once, others when they are abandoned, and nothing else', () => {
    const names = (id: string, host: string): string[] =>
      (['file', 'record'] as const).map((kind) => temporaryNames({ id, host, random: Math.random }).nameFor(kind));
    const abandoned = [...names('abc', 'there'), ...names('xyz', 'here')];
    const alive = [...names('abc', 'there'), ...names('xyz', 'here')];
    const others = ['.sync-sidecar.abc', 'k.tmp-1'];
    for (const name of [...names('abc', 'here'), ...abandoned, ...alive, ...others]) writeFileSync(at(name), '');
    const longAgo = Date.now() / 1000 - 130;
    for (const name of abandoned) utimesSync(at(name), longAgo, longAgo);
    open();
    expect(readdirSync(folder).sort()).toEqual([...alive, ...others].sort());
  });

  it('resolves a folder that is a link itself once', () => {
    const link = join(scratch.path, 'link');
    symlinkSync(folder, link);
    Volume.open({ folder: link, stateFolder: link, ...naming }).write('a', Buffer.from('one'), 0o644);
    expect(readFileSync(at('a'), 'utf8')).toBe('one');
  });

  it('puts temporary files into the state folder', () => {
    const state = join(scratch.path, 'state');
    const apart = open(state);
    mkdirSync(at('taken'));
    // A failing write shows where the temporary file would have been: its removal is part of the call.
    expect(() => apart.write('taken', Buffer.from('one'), 0o644)).toThrow(PathTakenError);
    writeFileSync(join(state, temporaryNames(naming).nameFor('file')), 'of a crash');
    expect(() => apart.write('a', Buffer.from('one'), 0o644)).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    expect(apart.write('a', Buffer.from('one'), 0o644).changed).toBe(true);
    expect([readdirSync(state), readdirSync(folder).sort()]).toEqual([[], ['a', 'taken']]);
  });

  (existsSync('/dev/shm') ? it : it.skip)('refuses a state folder on another file system', () => {
    using other = scratchFolder('/dev/shm');
    expect(() => open(other.path)).toThrow(
      `${other.path} must be on the same mount as ${folder}: files are moved from there to here`,
    );
  });

  (canMount ? it : it.skip)('refuses a state folder on another mount of the same file system', () => {
    const program = `
      import { Volume } from ${JSON.stringify(new URL('volume.ts', import.meta.url).href)};
      const [folder, stateFolder] = process.argv.slice(1);
      Volume.open({ folder, stateFolder, id: 'abc', host: '', random: () => 0 });`;
    const mountTwice =
      'mkdir "$1/source" "$1/a" "$1/b"; for at in a b; do mount --bind "$1/source" "$1/$at"; done; shift';
    const node = [process.execPath, '--input-type=module', '-e', program];
    const script = ['sh', '-c', `${mountTwice}; exec "$@"`, 'sh', scratch.path, ...node];
    const run = (a: string, b: string): string =>
      spawnSync('unshare', ['--mount', ...script, join(scratch.path, a), join(scratch.path, b)], { encoding: 'utf8' })
        .stderr;
    expect(run('a', 'b')).toContain(`${scratch.path}/b must be on the same mount as ${scratch.path}/a`);
  });

  it('refuses a file in place of the folder', () => {
    writeFileSync(at('file'), '');
    expect(() => Volume.open({ folder: at('file'), stateFolder: folder, ...naming })).toThrow(
      expect.objectContaining({ code: 'EEXIST' }),
    );
  });
});

const fingerprintOf = ({ size, mtimeMs, ino: inode }: { size: number; mtimeMs: number; ino: number }) => ({
  size,
  mtimeMs,
  inode,
});

/** Reads a file again and again, and tells at the end how often it was neither all x nor all y. */
const readUntilTold = `
  const { readFileSync } = require('node:fs');
  const { parentPort, receiveMessageOnPort, workerData } = require('node:worker_threads');
  const whole = ['x', 'y'].map((letter) => Buffer.alloc(4 << 20, letter));
  let parts = 0, looks = 0;
  parentPort.postMessage('reading');
  while (!receiveMessageOnPort(parentPort)) {
    const content = readFileSync(workerData);
    looks++;
    if (!whole.some((one) => one.equals(content))) parts++;
  }
  parentPort.postMessage({ parts, looks });
`;

it('passes the group of a volume on to the folders that it makes', () => {
  chmodSync(folder, 0o2775);

  volume.write('sub/deep/a', Buffer.from('one'), 0o644);

  expect(['sub', 'sub/deep'].map((path) => (statSync(at(path)).mode & 0o7777).toString(8))).toEqual(['2755', '2755']);
});
