import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { OwnershipRecord, parseRecord, type Owned } from './ownership-record.ts';
import { fileSystemTime } from './temporary-files.ts';

let scratch: ReturnType<typeof scratchFolder>;
let path: string;
let opened: OwnershipRecord[];

beforeEach(() => {
  scratch = scratchFolder();
  path = join(scratch.path, '.sync-sidecar.abc');
  opened = [];
});

afterEach(() => {
  for (const record of opened) record.close();
  scratch[Symbol.dispose]();
});

/** Opens the record as one more process. */
function open(): OwnershipRecord {
  const options = { id: 'abc', host: '', random: Math.random, mode: 0o644 };
  const record = OwnershipRecord.open({ folder: scratch.path, ...options });
  opened.push(record);
  return record;
}

const owned: Owned = {
  source: 'configmap/x/a',
  createdAt: '2026-01-01T00:00:00Z',
  hash: 'h',
  mode: 0o644,
  fingerprint: { size: 1, mtimeMs: 1.5, inode: 2 },
};
const onDisk = () => parseRecord(readFileSync(path, 'utf8'));
const ownedOnDisk = (): string[] => [...onDisk().owned.keys()].sort();
const inode = (): number => statSync(path).ino;

/** Waits until the file system tells another time: its clock may tick only every few milliseconds. */
function untilLater(): void {
  const now = (): number | null => fileSystemTime(join(scratch.path, 'clock'));
  for (const before = now(); now() === before;);
}

function own(record: OwnershipRecord, ...paths: string[]): void {
  for (const path of paths) record.add({ own: path, ...owned });
  record.flush();
}

describe('OwnershipRecord of two processes', () => {
  it('has what both have written down, whoever wrote last', () => {
    const [first, second] = [open(), open()];
    own(first, 'a');
    own(second, 'b');
    own(first, 'c');
    own(second, 'd');
    first.add({ drop: 'a' });
    first.flush();
    expect(ownedOnDisk()).toEqual(['b', 'c', 'd']);
    expect([...first.state.owned.keys(), ...second.state.owned.keys()]).toEqual(['c', 'b', 'd']);
  });

  it('is not written anew at each turn', () => {
    const [first, second] = [open(), open()];
    own(first, 'a');
    own(second, 'b');
    own(first, 'c');
    const before = inode();
    for (let n = 0; n < 10; n++) own(n % 2 === 0 ? first : second, `k${n}`);
    expect([inode() === before, ownedOnDisk().length]).toEqual([true, 13]);
  });

  it('keeps what the other one wrote when it is compacted', () => {
    const [first, second] = [open(), open()];
    own(first, 'a');
    own(second, 'b');
    own(first, 'c');
    const before = inode();
    for (let n = 0; n < 1200; n++) {
      second.add({ pending: n % 2 === 0 });
      second.flush();
    }
    expect([inode() === before, ownedOnDisk()]).toEqual([false, ['a', 'b', 'c']]);
    own(first, 'd');
    expect(ownedOnDisk()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('has again what the other one has taken away of what this one knows', () => {
    const [first, second] = [open(), open()];
    for (const record of [first, second]) {
      record.add({ folder: 'sub' });
      record.add({ pending: true });
      own(record, 'both');
    }
    second.add({ drop: 'both' });
    second.add({ dropFolder: 'sub' });
    second.add({ pending: false });
    second.flush();
    expect(onDisk()).toMatchObject({ owned: new Map(), folders: new Set(), pending: false });
    first.beat();
    expect(onDisk()).toMatchObject({ owned: new Map([['both', owned]]), folders: new Set(['sub']), pending: true });
    expect(second.state).toMatchObject({ owned: new Map(), folders: new Set(), pending: false });
  });

  it('has everything again that this one knows when somebody removes, truncates or replaces it', () => {
    const record = open();
    record.add({ complete: true });
    own(record, 'a', 'b');
    const harms = [
      () => rmSync(path),
      () => writeFileSync(path, ''),
      () => writeFileSync(path, readFileSync(path, 'utf8').slice(0, -5)),
      () => {
        writeFileSync(`${path}-other`, '# {"pending":true}\n');
        renameSync(`${path}-other`, path);
      },
      () => {
        rmSync(path);
        symlinkSync('/dev/null', path);
      },
    ];
    for (const harm of harms) {
      harm();
      record.beat();
      expect([ownedOnDisk(), onDisk().complete]).toEqual([['a', 'b'], true]);
    }
    expect(readdirSync(scratch.path)).toEqual(['.sync-sidecar.abc']);
  });

  it('waits for no pipe that stands where it should be, or where one of a neighbour would be', () => {
    const program = `
      import { Neighbours } from ${JSON.stringify(new URL('neighbours.ts', import.meta.url).href)};
      import { OwnershipRecord } from ${JSON.stringify(new URL('ownership-record.ts', import.meta.url).href)};
      const [folder] = process.argv.slice(1);
      const options = { folder, isOurs: (id) => id === 'abc', touchedMs: () => null, clock: folder + '/clock', now: () => 0 };
      new Neighbours(options).refresh();
      const record = OwnershipRecord.open({ folder, id: 'abc', host: '', random: Math.random, mode: 0o644 });
      record.add({ complete: true });
      record.flush();`;
    for (const id of ['abc', '0123456789ab']) execFileSync('mkfifo', [join(scratch.path, `.sync-sidecar.${id}`)]);
    // In a process of its own: who waits for a pipe can't be ended by anything that it does itself.
    const { stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program, scratch.path], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect([stderr, status]).toEqual(['', 0]);
    expect(onDisk().complete).toBe(true);
  });

  it('loses nothing to processes that write at the same time', () => {
    const program = `
      import { OwnershipRecord } from ${JSON.stringify(new URL('ownership-record.ts', import.meta.url).href)};
      const [folder, name] = process.argv.slice(1);
      const record = OwnershipRecord.open({ folder, id: 'abc', host: name, random: Math.random, mode: 0o644 });
      const owned = ${JSON.stringify(owned)};
      for (let n = 0; n < 1500; n++) {
        record.add({ own: name + n % 100, ...owned });
        record.flush();
      }
      // What was lost to a race is written down again by the next sign of life.
      record.beat();`;
    const node = `'${process.execPath}' --input-type=module -e "$PROGRAM" '${scratch.path}'`;
    const { stderr } = spawnSync('sh', ['-c', `${node} a & ${node} b & wait; ${node} c`], {
      encoding: 'utf8',
      env: { ...process.env, PROGRAM: program },
    });
    expect(stderr).toBe('');
    const expected = ['a', 'b', 'c'].flatMap((name) => Array.from({ length: 100 }, (_, n) => `${name}${n}`));
    expect(ownedOnDisk()).toEqual(expected.sort());
  });
});

describe('OwnershipRecord, the end of a process', () => {
  it('is written down, and that there is one again by the next start', () => {
    const first = open();
    own(first, 'a');
    first.end();
    expect([onDisk().closed, ownedOnDisk()]).toEqual([true, ['a']]);
    const second = open();
    second.beat();
    expect([onDisk().closed, second.state.closed, ownedOnDisk()]).toEqual([false, false, ['a']]);
    second.end();
    expect(onDisk().closed).toBe(true);
  });

  it('leaves the record open when another process keeps it too', () => {
    const [first, second] = [open(), open()];
    own(first, 'a');
    untilLater();
    second.beat();
    first.end();
    expect([onDisk().closed, ownedOnDisk()]).toEqual([false, ['a']]);
  });

  it('is taken back by another process of which the first one did not know', () => {
    const first = open();
    own(first, 'a');
    first.end();
    const second = open();
    second.beat();
    appendFileSync(path, '# {"closed":true}\n');
    second.beat();
    expect(onDisk().closed).toBe(false);
  });

  it('makes no record where there was none', () => {
    open().end();
    expect(existsSync(path)).toBe(false);
  });

  it('keeps the time of the last entry with a sign of life, so that others need not read the record again', () => {
    const record = open();
    own(record, 'a');
    const before = statSync(path);
    untilLater();
    record.beat();
    const { size, mtimeMs, ctimeMs, ino } = statSync(path);
    expect([size, Math.abs(mtimeMs - before.mtimeMs) < 2, ino, ctimeMs > before.ctimeMs]).toEqual([
      before.size,
      true,
      before.ino,
      true,
    ]);
    expect(record.touchedMs).toBe(ctimeMs);
  });
});
