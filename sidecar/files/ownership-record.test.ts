import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { OwnershipRecord, parseRecord, type Owned, type RecordState } from './ownership-record.ts';
import { temporaryNames } from './temporary-files.ts';

const naming = { id: 'abc', host: '', random: () => 0 };

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

function open(mode = 0o644): OwnershipRecord {
  const record = OwnershipRecord.open({ folder: scratch.path, mode, ...naming });
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
const empty: RecordState = {
  owned: new Map(),
  folders: new Set(),
  complete: false,
  pending: false,
  adopted: false,
  closed: false,
  selects: null,
};
const lines = (): string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1);

describe('OwnershipRecord', () => {
  it('is empty at first, and makes no file before the first entry', () => {
    const record = open();
    record.flush();
    expect(record.state).toEqual(empty);
    expect(readdirSync(scratch.path)).toEqual([]);
  });

  it('knows after a restart what it knew before', () => {
    const record = open();
    record.add({ own: 'a', ...owned });
    record.add({ own: 'sub/b', ...owned, hash: null, fingerprint: null });
    record.add({ folder: 'sub' });
    record.add({ pending: true });
    record.flush();
    record.add({ complete: true });
    record.add({ own: 'c', ...owned });
    record.add({ drop: 'a' });
    record.flush();
    const expected: RecordState = {
      ...empty,
      owned: new Map([
        ['sub/b', { ...owned, hash: null, fingerprint: null }],
        ['c', owned],
      ]),
      folders: new Set(['sub']),
      complete: true,
      pending: true,
    };
    expect(record.state).toEqual(expected);
    expect(open().state).toEqual(expected);
    record.add({ pending: false });
    record.add({ dropFolder: 'sub' });
    record.flush();
    expect(open().state).toEqual({ ...expected, folders: new Set(), pending: false });
  });

  it('appends: what is on disk stays, and costs nothing again', () => {
    const record = open();
    record.add({ own: 'a', ...owned });
    record.flush();
    const { ino } = statSync(path);
    const before = readFileSync(path, 'utf8');
    record.add({ drop: 'a' });
    record.flush();
    expect(readFileSync(path, 'utf8')).toBe(`${before}# {"drop":"a"}\n`);
    expect(statSync(path).ino).toBe(ino);
  });

  it('has nothing but comment lines, and the mode of the synced files', () => {
    const record = open(0o604);
    record.add({ own: 'line\nbreak', ...owned });
    record.flush();
    expect(lines().filter((line) => !line.startsWith('#'))).toEqual([]);
    expect(lines()).toHaveLength(2);
    expect(statSync(path).mode & 0o777).toBe(0o604);
    expect(open().state.owned).toEqual(new Map([['line\nbreak', owned]]));
  });

  it('passes over a line that a crash cut off, and writes a whole one after it', () => {
    const record = open();
    record.add({ own: 'a', ...owned });
    record.flush();
    appendFileSync(path, '# {"own":"b","sour');
    const restarted = open();
    expect(restarted.state.owned).toEqual(new Map([['a', owned]]));
    restarted.add({ own: 'c', ...owned });
    restarted.flush();
    expect([...open().state.owned.keys()]).toEqual(['a', 'c']);
  });

  it('is written anew when the journal has grown to a multiple of what it says', () => {
    const record = open();
    const longest: number[] = [];
    for (let n = 0; n < 5000; n++) {
      record.add({ pending: n % 2 === 0 });
      record.flush();
      if (n % 500 === 0) longest.push(lines().length);
    }
    expect(Math.max(...longest)).toBeLessThan(1100);
    record.add({ own: 'a', ...owned });
    record.flush();
    expect(open().state).toEqual({ ...empty, owned: new Map([['a', owned]]) });
    expect(readdirSync(scratch.path)).toEqual(['.sync-sidecar.abc']);
  });

  it('throws when the disk does not take an entry, and writes it by a later flush', () => {
    const record = open();
    mkdirSync(path);
    record.add({ own: 'a', ...owned });
    expect(() => record.flush()).toThrow(expect.objectContaining({ code: 'EISDIR' }));
    record.add({ pending: true });
    expect(() => record.flush()).toThrow();
    expect(readdirSync(scratch.path)).toEqual(['.sync-sidecar.abc']);
    rmdirSync(path);
    record.flush();
    expect(open().state).toEqual({ ...empty, owned: new Map([['a', owned]]), pending: true });
  });

  (existsSync('/proc/self/fd') ? it : it.skip)('leaves nothing open when it can not be written', () => {
    const record = open();
    record.add({ pending: true });
    record.flush();
    record.close();
    const before = readdirSync('/proc/self/fd').length;
    mkdirSync(join(scratch.path, temporaryNames(naming).nameFor('record')));
    for (let n = 0; n < 10; n++) {
      record.add({ own: `k${n}`, ...owned });
      expect(() => record.flush()).toThrow(expect.objectContaining({ code: 'EISDIR' }));
    }
    expect(readdirSync('/proc/self/fd').length).toBe(before);
  });

  it('is written anew when the disk took a part of a line', () => {
    const program = `
      import { OwnershipRecord } from ${JSON.stringify(new URL('ownership-record.ts', import.meta.url).href)};
      const record = OwnershipRecord.open({ folder: process.argv[1], id: 'abc', host: '', random: () => 0, mode: 0o644 });
      record.add({ folder: 'kept' });
      try {
        for (;;) {
          record.add({ drop: 'never there' });
          record.flush();
        }
      } catch (error) {
        console.log(error.code);
      }
      record.add({ pending: true });
      record.flush();`;
    // No file may grow beyond some KiB; the signal that goes with it would end the program.
    const limited = ['-c', 'trap "" XFSZ; ulimit -f 8; exec "$@"', 'sh', process.execPath, '--input-type=module', '-e'];
    const { stdout, stderr } = spawnSync('sh', [...limited, program, scratch.path], { encoding: 'utf8' });
    expect([stdout, stderr]).toEqual(['EFBIG\n', '']);
    expect(lines().slice(1)).toEqual(['# {"folder":"kept"}', '# {"pending":true}']);
  });

  it('can be used again after it was closed', () => {
    const record = open();
    record.add({ own: 'a', ...owned });
    record.flush();
    record.close();
    record.close();
    record.add({ complete: true });
    record.flush();
    expect(open().state).toEqual({ ...empty, owned: new Map([['a', owned]]), complete: true });
  });

  it('throws when its file can not be read', () => {
    mkdirSync(path);
    expect(() => open()).toThrow(expect.objectContaining({ code: 'EISDIR' }));
  });
});

describe('parseRecord', () => {
  it('takes an absolute path, which the rules of the sync have to allow', () => {
    writeFileSync(path, `# ${JSON.stringify({ own: '/a/b', ...owned })}\n# ${JSON.stringify({ folder: '/a' })}\n`);
    expect(open().state).toEqual({ ...empty, owned: new Map([['/a/b', owned]]), folders: new Set(['/a']) });
  });

  it('passes over what it does not know', () => {
    const text = [
      '',
      '# a comment',
      'no comment',
      '# {"pending":true}',
      '# {"format":2}',
      '# {',
      '# {}',
      '# null',
    ].join('\n');
    expect(parseRecord(text)).toEqual({ ...empty, pending: true });
  });

  it('goes on with what it can use of a record that somebody has written to', () => {
    const without = (name: keyof Owned) => ({ own: name, ...owned, [name]: undefined });
    const text = [
      JSON.stringify({ own: 'a', ...owned, later: 'unknown' }),
      ...(['source', 'createdAt', 'hash', 'mode', 'fingerprint'] as const).map((name) => JSON.stringify(without(name))),
      '{"own":"b"}',
      '{"own":"c","sour\u0000',
      '{"folder":"sub"}',
    ].map((line) => `# ${line}\n`);
    expect(parseRecord(text.join(''))).toEqual({
      ...empty,
      owned: new Map([['a', { ...owned, later: 'unknown' }]]),
      folders: new Set(['sub']),
    });
  });

  it.each(['../a', '/', '//a', '/a/', '/a/../b', 'a\0', '', '.', '..', 'a/../../b', './a', 'a//b', 7, null])(
    'takes no path that leads out of the folder, or is spelled in another way than ours: %j',
    (outside) => {
      writeFileSync(
        path,
        `# ${JSON.stringify({ own: outside, ...owned })}\n# ${JSON.stringify({ folder: outside })}\n`,
      );
      expect(open().state).toEqual(empty);
    },
  );
});
