import { describe, expect, it } from '@jest/globals';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { contentHash } from '../files/volume.ts';
import { PathOwners } from '../files/path-owners.ts';
import { Rescan } from '../files/rescan.ts';
import { readTree } from '../../test/product/folder-tree.ts';
import {
  apply,
  at,
  changes,
  configMaps,
  folder,
  list,
  logged,
  object,
  record,
  recordOnDisk,
  repairFrom,
  start,
  sync,
  tree,
  useSyncOnDisk,
  temporary,
  volume,
} from '../../test/sync-on-disk.ts';

useSyncOnDisk();

const beside = (path: string): string => join(dirname(folder), path);
const outside = (): Record<string, string> => (existsSync(beside('out')) ? readTree(beside('out')) : {});
const writtenBefore = (path: string, content: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
};

describe('Sync, an absolute folder outside FOLDER', () => {
  it('follows an object from its creation to its end, there and back', () => {
    start({ allowed: null });
    apply('ADDED', object('a', { k: '1', l: '1' }, { folder: beside('out/deep') }));
    expect([outside(), tree()]).toEqual([{ 'deep/k': '1', 'deep/l': '1' }, {}]);
    apply('MODIFIED', object('a', { k: '2' }, { folder: beside('out/deep') }));
    expect([outside(), sync.counts.bytes]).toEqual([{ 'deep/k': '2' }, 1]);
    apply('MODIFIED', object('a', { k: '2' }, { folder: '/app/sub' }));
    expect([outside(), tree(), existsSync(beside('out'))]).toEqual([{}, { 'sub/k': '2' }, false]);
    apply('MODIFIED', object('a', { k: '2' }, { folder: beside('out') }));
    expect([outside(), tree(), existsSync(at('sub'))]).toEqual([{ k: '2' }, {}, false]);
    apply('DELETED', object('a', {}));
    expect([existsSync(beside('out')), recordOnDisk().owned.size, sync.faults]).toEqual([false, 0, []]);
    expect(changes[0]?.written).toEqual([beside('out/deep/k'), beside('out/deep/l')]);
    expect(logged.lines).toContainEqual(expect.objectContaining({ msg: `Writing ${beside('out/deep/k')}` }));
  });

  it('changes nothing at a restart, and removes then what is gone meanwhile', () => {
    start({ allowed: null });
    const [a, b] = ['a', 'b'].map((name) => object(name, { [name]: '1' }, { folder: beside('out') }));
    list(configMaps, a!, b!);
    const { ino } = lstatSync(beside('out/a'));
    start({ allowed: null });
    list(configMaps, a!);
    expect([outside(), lstatSync(beside('out/a')).ino, changes]).toEqual([
      { a: '1' },
      ino,
      [{ complete: true, written: [], removed: [beside('out/b')], objects: ['configmap/x/b'] }],
    ]);
  });

  it('leaves a file alone that somebody else has written to since, and lets go of it', () => {
    start({ allowed: null });
    const a = object('a', { k: '1', l: '1' }, { folder: beside('out') });
    apply('ADDED', a);
    writeFileSync(beside('out/k'), '?');
    apply('DELETED', a);
    expect([outside(), recordOnDisk().owned.size, sync.faults]).toEqual([{ k: '?' }, 0, []]);
  });

  it('removes a file that a rescan has found touched, as long as it has what we wrote', async () => {
    start({ allowed: null });
    const a = object('a', { k: '1', l: '1' }, { folder: beside('out') });
    apply('ADDED', a);
    chmodSync(beside('out/k'), 0o600);
    writeFileSync(beside('out/l'), '?');
    await new Rescan({ sync, volume, record, log: logged.log, folder, onRetry: () => undefined }).once(
      new AbortController().signal,
    );
    expect(sync.faults.length).toBe(2);
    apply('DELETED', a);
    expect([outside(), recordOnDisk().owned.size]).toEqual([{ l: '?' }, 0]);
  });

  it('removes a file at a restart that somebody has touched, as long as it has what we wrote', () => {
    start({ allowed: null });
    list(configMaps, object('a', { k: '1', l: '1' }, { folder: beside('out') }));
    writeFileSync(beside('out/k'), '1');
    writeFileSync(beside('out/l'), '2');
    start({ allowed: null });
    list(configMaps);
    expect(outside()).toEqual({ l: '2' });
  });

  it.each(['before', 'after'])('removes a file that a crash kept from being recorded %s it was replaced', (moment) => {
    start({ allowed: null });
    const of = (k: string) => object('a', { k }, { folder: beside('out') });
    list(configMaps, of('1'));
    const before = record.state.owned.get(beside('out/k'))!;
    record.add({ own: beside('out/k'), ...before, claimed: contentHash(Buffer.from('2')) });
    record.flush();
    if (moment === 'after') writeFileSync(beside('out/k'), '2');
    start({ allowed: null });
    list(configMaps);
    expect(existsSync(beside('out'))).toBe(false);
  });

  it('has on record what it is about to write, for a crash', () => {
    start({ allowed: null });
    apply('ADDED', object('a', { k: '1' }, { folder: beside('out') }));
    mkdirSync(beside(`out/${basename(temporary('file'))}`));
    apply('MODIFIED', object('a', { k: '2' }, { folder: beside('out') }));
    expect(recordOnDisk().owned.get(beside('out/k'))).toMatchObject({
      hash: contentHash(Buffer.from('1')),
      claimed: contentHash(Buffer.from('2')),
    });
  });

  it('refuses what ALLOWED_FOLDERS does not name, with annotation, value and what is allowed', () => {
    start({ allowed: [beside('allowed')] });
    apply('ADDED', object('a', { k: '1' }, { folder: beside('out') }));
    apply('ADDED', object('b', { k: '2' }, { folder: beside('allowed/sub') }));
    expect([existsSync(beside('out')), readTree(beside('allowed'))]).toEqual([false, { 'sub/k': '2' }]);
    expect(logged.lines).toContainEqual(
      expect.objectContaining({
        level: 'WARNING',
        object: 'configmap/x/a',
        fault: `its annotation folder, "${beside('out')}", names no folder in /app, ${beside('allowed')}`,
      }),
    );
  });

  it('lets go, untouched, of what lies in a folder that is no longer allowed', async () => {
    start({ allowed: null });
    list(configMaps, object('a', { k: '1' }, { folder: beside('out/deep') }));
    start({ allowed: [beside('allowed')] });
    list(configMaps);
    await repairFrom();
    expect(sync.settled).toBe(true);
    expect([outside(), recordOnDisk().owned.size, recordOnDisk().folders.size]).toEqual([{ 'deep/k': '1' }, 0, 0]);
  });

  it('removes the temporary file of a crash at the next start', () => {
    start({ allowed: null });
    list(configMaps, object('a', { k: '1' }, { folder: beside('out') }));
    writeFileSync(beside(`out/${basename(temporary('file'))}`), 'half');
    writeFileSync(beside('out/.sync-sidecar.xyz.tmp-file'), 'of another one');
    start({ allowed: null });
    expect(readdirSync(beside('out')).sort()).toEqual(['.sync-sidecar.xyz.tmp-file', 'k']);
  });

  it('knows where a crash in the middle of the first write has left its temporary file', () => {
    start({ allowed: null });
    const created = { source: 'configmap/x/a', createdAt: '', hash: null, mode: 0o644, fingerprint: null };
    record.add({ own: beside('out/k'), ...created });
    record.flush();
    writtenBefore(beside(`out/${basename(temporary('file'))}`), 'half');
    start({ allowed: null });
    list(configMaps);
    expect(readdirSync(beside('out'))).toEqual([]);
  });
});

describe('Sync, two spellings of one folder', () => {
  it('are one path, for objects and for the record', () => {
    mkdirSync(at('sub'));
    symlinkSync(at('sub'), beside('link'));
    start({ allowed: null });
    const spellings = ['sub', './/sub/', '/app/sub', '/app/./sub//', beside('link'), `${folder}/sub`];
    const objects = spellings.map((spelling, age) => object(`o${age}`, { k: `${age}` }, { folder: spelling, age }));
    list(configMaps, ...objects);
    expect([tree(), [...recordOnDisk().owned.keys()], sync.counts.collisions]).toEqual([
      { 'sub/k': '0' },
      ['sub/k'],
      1,
    ]);
    const before = lstatSync(at('sub/k')).ino;
    for (const spelling of spellings) {
      list(configMaps, object('o0', { k: '0' }, { folder: spelling }));
      expect([tree(), lstatSync(at('sub/k')).ino]).toEqual([{ 'sub/k': '0' }, before]);
    }
  });

  it('are one path for several syncs', () => {
    const owners = new PathOwners();
    owners.of('first', '/data', () => undefined).claim('sub/k');
    const second = owners.of('second', '/files', () => undefined);
    expect([second.claim('/data/sub/k'), second.claim('/data/sub/l'), second.claim('sub/k')]).toEqual([
      'first',
      null,
      null,
    ]);
  });
});

describe('Sync, a folder that can not be written to', () => {
  it('is a fault and no more, also in the folders of the system', async () => {
    start({ allowed: null });
    const folders = ['/proc', '/proc/self/new', '/sys/sync-sidecar', '/dev/null', '/dev/null/x'];
    const objects = folders.map((name, n) => object(`o${n}`, { 'sync-sidecar-test': '' }, { folder: name }));
    list(configMaps, object('good', { k: '1' }), ...objects);
    expect([tree(), sync.faults.length, sync.settled]).toEqual([{ k: '1' }, folders.length, true]);
    expect(await repairFrom(object('good', { k: '1' }), ...objects)).toBe(false);
    list(configMaps);
    expect([tree(), sync.faults]).toEqual([{}, []]);
  });

  it('is a fault where a device, a folder or a link is in the way', () => {
    start({ allowed: null });
    mkdirSync(beside('out/taken'), { recursive: true });
    apply('ADDED', object('a', { null: '' }, { folder: '/dev' }));
    apply('ADDED', object('b', { taken: '' }, { folder: beside('out') }));
    apply('ADDED', object('c', { k: '1' }, { folder: beside('out/later') }));
    mkdirSync(beside('elsewhere'));
    apply('DELETED', object('c', {}));
    symlinkSync(beside('not-there'), beside('out/later'));
    apply('ADDED', object('c', { k: '1' }, { folder: beside('out/later/sub') }));
    expect(sync.faults).toEqual([
      '/dev/null: /dev/null is no ordinary file',
      `${beside('out/taken')}: ${beside('out/taken')} is a folder`,
      `${beside('out/later/sub/k')}: ${beside('out/later')} is no folder, so that no file can be put into it`,
    ]);
    expect([lstatSync('/dev/null').isCharacterDevice(), existsSync(beside('not-there'))]).toEqual([true, false]);
  });

  it('follows no link that takes the place of a folder after it was written to', () => {
    start({ allowed: [beside('out')] });
    const of = (content: string) => object('a', { k: content }, { folder: beside('out/sub') });
    apply('ADDED', of('1'));
    apply('DELETED', of('1'));
    writtenBefore(beside('elsewhere/k'), '1');
    mkdirSync(beside('out'), { recursive: true });
    symlinkSync(beside('elsewhere'), beside('out/sub'));
    apply('ADDED', of('2'));
    expect(readFileSync(beside('elsewhere/k'), 'utf8')).toBe('1');
    start({ allowed: [beside('out')] });
    list(configMaps);
    expect(readTree(beside('elsewhere'))).toEqual({ k: '1' });
  });
});

describe('Sync, FOLDER_PER_NAMESPACE', () => {
  it('gives every namespace a folder, which goes when it is empty', () => {
    start({ folderPerNamespace: true });
    apply('ADDED', object('a', { k: '1' }));
    apply('ADDED', object('b', { k: '2' }, { folder: 'sub' }));
    expect(tree()).toEqual({ 'x/k': '1', 'x/sub/k': '2' });
    list(configMaps);
    expect([tree(), existsSync(at('x'))]).toEqual([{}, false]);
  });

  it('moves the files when it is turned on, and back', () => {
    const a = object('a', { k: '1' });
    list(configMaps, a);
    start({ folderPerNamespace: true });
    list(configMaps, a);
    expect(tree()).toEqual({ 'x/k': '1' });
    start();
    list(configMaps, a);
    expect([tree(), existsSync(at('x'))]).toEqual([{ k: '1' }, false]);
  });
});
