import { describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, rmSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  apply,
  at,
  brokenList,
  changes,
  configMaps,
  faultsRaised,
  inodes,
  list,
  logged,
  object,
  record,
  recordOnDisk,
  repairFrom,
  secrets,
  start,
  sync,
  temporary,
  tree,
  withoutRecord,
  useSyncOnDisk,
} from '../../test/sync-on-disk.ts';
import { Repairs } from './repairs.ts';
import { Trigger } from '../trigger.ts';

useSyncOnDisk();

describe('Sync, what files there are', () => {
  it('follows an object from its creation to its end', () => {
    apply('ADDED', object('a', { one: '1', two: '2' }));
    expect(tree()).toEqual({ one: '1', two: '2' });
    apply('MODIFIED', object('a', { one: 'changed', three: '3' }));
    expect(tree()).toEqual({ one: 'changed', three: '3' });
    apply('DELETED', object('a', { one: 'changed', three: '3' }));
    expect(tree()).toEqual({});
    expect([changes.length, sync.counts.objects, sync.settled, sync.faults]).toEqual([3, 0, true, []]);
  });

  it('moves the files of an object whose folder changes.length, and removes the folders that it made and left empty', () => {
    mkdirSync(at('theirs'), { recursive: true });
    apply('ADDED', object('a', { k: '1' }, { folder: 'theirs/made/deep' }));
    apply('ADDED', object('b', { k: '2' }, { folder: 'theirs/made' }));
    expect(tree()).toEqual({ 'theirs/made/deep/k': '1', 'theirs/made/k': '2' });
    apply('MODIFIED', object('a', { k: '1' }, { folder: '/app' }));
    expect([existsSync(at('theirs/made/deep')), existsSync(at('theirs/made'))]).toEqual([false, true]);
    apply('DELETED', object('b', {}));
    expect([tree(), existsSync(at('theirs/made')), existsSync(at('theirs'))]).toEqual([{ k: '1' }, false, true]);
  });

  it('turns a file into a folder and back', () => {
    apply('ADDED', object('a', { k: '1' }));
    apply('MODIFIED', object('a', { k: '2' }, { folder: 'k' }));
    expect(tree()).toEqual({ 'k/k': '2' });
    apply('MODIFIED', object('a', { k: '3' }));
    expect(tree()).toEqual({ k: '3' });
  });

  it('never touches what others put there', async () => {
    writeFileSync(at('theirs'), 'theirs');
    apply('ADDED', object('a', { k: '1' }, { folder: 'sub' }));
    writeFileSync(at('sub/theirs'), 'theirs');
    list(configMaps);
    expect(tree()).toEqual({ theirs: 'theirs', 'sub/theirs': 'theirs' });
  });

  it('adopts a file that has the content already, and replaces one that has another', () => {
    writeFileSync(at('same'), '1', { mode: 0o644 });
    writeFileSync(at('other'), '?');
    const { ino } = statSync(at('same'));
    apply('ADDED', object('a', { same: '1', other: '2' }));
    expect([tree(), statSync(at('same')).ino === ino, changes.length]).toEqual([{ same: '1', other: '2' }, true, 1]);
    apply('DELETED', object('a', {}));
    expect(tree()).toEqual({});
  });

  it('tells objects of two kinds by one name apart', async () => {
    apply('ADDED', object('a', { c: '1' }));
    apply('ADDED', object('a', { s: 'Mg==' }), secrets);
    expect(tree()).toEqual({ c: '1', s: '2' });
    list(configMaps);
    expect(tree()).toEqual({ s: '2' });
  });

  it('says which keys it can not sync, and syncs the others', () => {
    apply('ADDED', object('a', { 'a.url': 'ftp://word', k: '1' }));
    apply('ADDED', object('b', { k: '2' }, { folder: '../..' }));
    expect(tree()).toEqual({ k: '1' });
    expect(logged.lines.filter(({ level }) => level === 'WARNING')).toEqual([
      expect.objectContaining({ object: 'configmap/x/a', key: 'a.url', msg: 'not synced' }),
      expect.objectContaining({
        object: 'configmap/x/b',
        fault: 'its annotation folder, "../..", names no folder in /app',
        msg: 'not synced',
      }),
    ]);
  });

  it('has no content in the log', () => {
    apply('ADDED', object('a', { k: 'word' }));
    apply('MODIFIED', object('a', { k: 'another word' }));
    apply('DELETED', object('a', {}));
    expect(logged.text()).not.toContain('word');
  });
});

describe('Sync, lists', () => {
  it('removes what a list does not have, of its own scope alone', async () => {
    list(configMaps, object('a', { a: '1' }), object('b', { b: '1' }));
    list(secrets, object('s', { s: 'MQ==' }));
    list(configMaps, object('b', { b: '2' }));
    expect(tree()).toEqual({ b: '2', s: '1' });
  });

  it('removes nothing when a list breaks off', async () => {
    list(configMaps, object('a', { a: '1' }), object('b', { b: '1' }));
    brokenList(configMaps, object('b', { b: '2' }));
    expect(tree()).toEqual({ a: '1', b: '2' });
  });

  it('does nothing about an object that has not changed', async () => {
    const unchanged = object('a', { a: '1' });
    list(configMaps, unchanged);
    const before = [inodes(), readFileSync(at('.sync-sidecar.abc'), 'utf8'), logged.lines.length];
    list(configMaps, unchanged);
    apply('MODIFIED', unchanged);
    expect([inodes(), readFileSync(at('.sync-sidecar.abc'), 'utf8'), logged.lines.length]).toEqual(before);
    expect(changes.length).toBe(1);
  });

  it('writes no file anew for a change that does not touch it', () => {
    apply('ADDED', object('a', { one: '1', two: '2' }));
    const [one] = inodes();
    apply('MODIFIED', object('a', { one: '1', two: 'changed' }));
    expect([inodes()[0], changes.length]).toEqual([one, 2]);
    apply('MODIFIED', object('a', { one: '1', two: 'changed' }));
    expect(changes.length).toBe(2);
  });

  it('takes an object made anew under an old name for another one', () => {
    const old = object('a', { k: '1' });
    apply('ADDED', old);
    apply('ADDED', { ...old, metadata: { ...old.metadata, uid: 'another' }, data: { k: '2' } });
    expect(tree()).toEqual({ k: '2' });
  });
});

describe('Sync, collisions', () => {
  const old = object('old', { k: 'of the old one' }, { age: 1 });
  const young = object('young', { k: 'of the young one' }, { age: 2 });

  it('lets the oldest object have the path, whatever comes first, and says so once', () => {
    apply('ADDED', young);
    apply('ADDED', old);
    apply('MODIFIED', object('young', { k: 'another' }, { age: 2 }));
    expect(tree()).toEqual({ k: 'of the old one' });
    const msg = 'several objects claim one path; the oldest has it';
    expect(logged.lines.filter(({ level }) => level === 'WARNING')).toEqual([
      expect.objectContaining({ path: at('k'), winner: 'configmap/x/old', losers: ['configmap/x/young'], msg }),
    ]);
  });

  it('lets the loser take over by a repair, and the old content stand until then', async () => {
    apply('ADDED', old);
    apply('ADDED', young);
    expect([sync.settled, faultsRaised]).toEqual([true, 0]);
    apply('DELETED', old);
    expect([tree(), sync.faults, sync.settled, faultsRaised]).toEqual([
      { k: 'of the old one' },
      ['k: the content has to be fetched'],
      false,
      1,
    ]);
    expect(await repairFrom(young)).toBe(true);
    expect([tree(), sync.faults]).toEqual([{ k: 'of the young one' }, []]);
  });

  it('needs no content for a loser that claims the same', () => {
    apply('ADDED', old);
    apply('ADDED', object('young', { k: 'of the old one' }, { age: 2 }));
    const before = inodes();
    apply('DELETED', old);
    expect([inodes(), sync.faults, changes.length]).toEqual([before, [], 1]);
    expect(recordOnDisk().owned.get('k')).toMatchObject({ source: 'configmap/x/young', fingerprint: { size: 14 } });
    apply('DELETED', young);
    expect(tree()).toEqual({});
  });
});

describe('Sync, repair', () => {
  const block = (path: string): void => void mkdirSync(at(join(path, 'blocked')), { recursive: true });
  const unblock = (path: string): void => rmSync(at(path), { recursive: true });

  it('keeps the other files when one can not be written, and writes it once that is possible', async () => {
    block('two');
    const changed = object('a', { one: '1', two: '2', three: '3' });
    apply('ADDED', changed);
    expect(tree()).toEqual({ one: '1', three: '3' });
    expect(sync.faults).toEqual([`two: ${at('two')} is a folder`]);
    expect(await repairFrom(changed)).toBe(false);
    unblock('two');
    expect(await repairFrom(changed)).toBe(true);
    expect([tree(), sync.faults, changes.length]).toEqual([{ one: '1', two: '2', three: '3' }, [], 2]);
  });

  it('logs a fault once', async () => {
    block('k');
    const changed = object('a', { k: '1' });
    apply('ADDED', changed);
    for (let n = 0; n < 3; n++) await repairFrom(changed);
    expect(logged.lines.filter(({ msg }) => msg === 'a file is not in sync')).toEqual([
      expect.objectContaining({ level: 'ERROR', path: at('k') }),
    ]);
  });

  it('counts as settled with a fault that only somebody else can mend, and not with another one', () => {
    block('k');
    apply('ADDED', object('a', { k: '1', ['n'.repeat(300)]: '2' }));
    expect([sync.faults.length, sync.settled]).toEqual([2, true]);
    mkdirSync(temporary('file'));
    apply('ADDED', object('b', { b: '1' }));
    expect([sync.faults.length, sync.settled]).toEqual([3, false]);
    rmdirSync(temporary('file'));
  });

  it('writes a file that a folder of ours stood in the way of once it is gone', async () => {
    apply('ADDED', object('a', { k: '1' }, { folder: 'taken' }));
    const wanting = object('b', { taken: '2' });
    apply('ADDED', wanting);
    apply('DELETED', object('a', {}));
    expect(await repairFrom(wanting)).toBe(true);
    expect(tree()).toEqual({ taken: '2' });
  });

  it('forgets an object that is gone when it is fetched', async () => {
    block('k');
    apply('ADDED', object('a', { k: '1', other: '2' }));
    expect(await repairFrom()).toBe(true);
    expect([tree(), sync.counts.objects]).toEqual([{}, 0]);
  });

  it('tries every object, also when one can not be fetched', async () => {
    block('one');
    block('two');
    apply('ADDED', object('a', { one: '1' }));
    const second = object('b', { two: '2' });
    apply('ADDED', second);
    unblock('one');
    unblock('two');
    const fetched = sync.repair(async (key) => {
      if (key === 'configmap/x/a') throw new Error('forbidden');
      return { scope: configMaps, object: second };
    });
    await expect(fetched).rejects.toThrow('some objects could not be fetched');
    expect(tree()).toEqual({ two: '2' });
  });

  it('fetches nothing more once it is ended', async () => {
    for (const name of ['one', 'two', 'three']) {
      block(name);
      apply('ADDED', object(name, { [name]: '1' }));
    }
    const controller = new AbortController();
    const fetched: string[] = [];
    const fetch = async (key: string): Promise<never> => {
      fetched.push(key);
      controller.abort();
      throw new Error('aborted');
    };
    const repairNeeded = new Trigger();
    const given = { sync, repairNeeded, fetch, onRepaired: () => true, log: logged.log, random: Math.random };
    expect(await new Repairs(given).once(controller.signal)).toBe(false);
    expect(fetched).toEqual(['configmap/x/one']);
  });

  it('lets nothing fetched replace what a watch has told meanwhile', async () => {
    block('k');
    const fetched = object('a', { k: 'older' });
    apply('ADDED', object('a', { k: 'first' }));
    unblock('k');
    await sync.repair(async () => {
      apply('MODIFIED', object('a', { k: 'newer' }));
      return { scope: configMaps, object: fetched };
    });
    expect(tree()).toEqual({ k: 'newer' });
    block('gone');
    apply('MODIFIED', object('a', { gone: '1' }));
    await sync.repair(async () => {
      apply('DELETED', fetched);
      return { scope: configMaps, object: object('a', { gone: '2' }) };
    });
    expect([tree(), sync.faults, sync.counts.objects]).toEqual([{}, [], 0]);
  });
});

describe('Sync, the record', () => {
  it('writes a new path and the pending notification down before the file', () => {
    withoutRecord(() => {
      apply('ADDED', object('a', { k: '1' }));
      expect(tree()).toEqual({});
    });
    expect([sync.settled, faultsRaised, changes.length]).toEqual([false, 1, 0]);
  });

  it('mends what a full disk has kept it from, and notifies then', async () => {
    const changed = object('a', { k: '1' });
    withoutRecord(() => apply('ADDED', changed));
    expect(await repairFrom(changed)).toBe(true);
    expect([tree(), changes.length]).toEqual([{ k: '1' }, 1]);
    expect(recordOnDisk()).toMatchObject({ pending: true, owned: new Map([['k', expect.anything()]]) });
  });

  it('removes files also when the record can not be written, as that may be what frees the disk', async () => {
    apply('ADDED', object('a', { k: '1' }));
    record.add({ pending: false });
    record.flush();
    withoutRecord(() => {
      apply('DELETED', object('a', {}));
      expect([tree(), changes.length]).toEqual([{}, 2]);
    });
    expect(faultsRaised).toBe(1);
    await repairFrom();
    expect(recordOnDisk()).toMatchObject({ owned: new Map(), folders: new Set(), complete: false, pending: true });
  });

  it('has no pending notification for a change that changed no file', () => {
    writeFileSync(at('k'), '1', { mode: 0o644 });
    apply('ADDED', object('a', { k: '1' }));
    expect([changes.length, recordOnDisk().pending]).toEqual([0, false]);
    apply('MODIFIED', object('a', { k: '2' }));
    expect([changes.length, recordOnDisk().pending]).toEqual([1, true]);
    apply('MODIFIED', object('a', { k: '2', same: '' }));
    expect(recordOnDisk().pending).toBe(true);
  });

  it('has no pending notification where nobody is to be notified', () => {
    start({ notifies: false });
    apply('ADDED', object('a', { k: '1' }));
    expect([changes.length, recordOnDisk().pending]).toEqual([1, false]);
  });
});

describe('Sync, a restart', () => {
  const a = object('a', { k: 'of a' }, { age: 1 });
  const b = object('b', { k: 'of b', b: '1' }, { age: 2 });

  it('changes nothing when nothing has changed', async () => {
    list(configMaps, a, b);
    const before = [inodes(), tree()];
    start();
    expect([inodes(), tree()]).toEqual(before);
    list(configMaps, b, a);
    expect([inodes(), tree(), changes.length, sync.faults]).toEqual([...before, 0, []]);
  });

  it('gives a path to its winner of before until the list has ended, though the loser comes first', async () => {
    list(configMaps, a, b);
    start();
    const pass = sync.subscriber(configMaps).beginList();
    pass.take(b);
    expect(tree()).toEqual({ k: 'of a', b: '1' });
    pass.end();
    expect(await repairFrom(b)).toBe(true);
    expect(tree()).toEqual({ k: 'of b', b: '1' });
  });

  it('removes the files and folders of objects that are gone meanwhile', async () => {
    list(configMaps, object('a', { k: '1' }, { folder: 'made/deep' }));
    start();
    list(configMaps);
    expect([tree(), existsSync(at('made')), changes.length]).toEqual([{}, false, 1]);
    expect(recordOnDisk().owned).toEqual(new Map());
  });

  it('removes nothing before a whole list is there', async () => {
    list(configMaps, a);
    start();
    list(secrets);
    brokenList(configMaps);
    expect(tree()).toEqual({ k: 'of a' });
  });

  it('mends files that somebody changed, replaced or removed meanwhile', async () => {
    const all = object('a', { changed: '1', removed: '2', mode: '3', same: '4' });
    list(configMaps, all);
    // Of another size: an old kernel's clock may not have moved on since we wrote.
    writeFileSync(at('changed'), '??');
    rmSync(at('removed'));
    rmSync(at('mode'));
    writeFileSync(at('mode'), '3', { mode: 0o600 });
    start();
    list(configMaps, all);
    expect(tree()).toEqual({ changed: '1', removed: '2', mode: '3', same: '4' });
    expect((statSync(at('mode')).mode & 0o777).toString(8)).toBe('644');
  });

  it('gives every file another mode where the setting has changed', async () => {
    list(configMaps, a);
    start({ mode: 0o600 });
    list(configMaps, a);
    expect((statSync(at('k')).mode & 0o777).toString(8)).toBe('600');
  });

  it.each(['before', 'after'])('finds its way when it was killed %s the file was written', async (moment) => {
    const changed = object('a', { k: '1' }, { folder: 'made' });
    // What the record says between the intention and the outcome.
    const { source, createdAt } = { source: 'configmap/x/a', createdAt: changed.metadata.creationTimestamp ?? '' };
    record.add({ own: 'made/k', source, createdAt, hash: null, mode: 0o644, fingerprint: null });
    record.add({ folder: 'made' });
    record.add({ pending: true });
    record.flush();
    if (moment === 'after') {
      mkdirSync(dirname(at('made/k')));
      writeFileSync(at('made/k'), '1', { mode: 0o644 });
    }
    start();
    expect(record.state.pending).toBe(true);
    list(configMaps, changed);
    expect([tree(), sync.faults, recordOnDisk().pending]).toEqual([{ 'made/k': '1' }, [], true]);
    start();
    list(configMaps);
    expect([tree(), existsSync(at('made'))]).toEqual([{}, false]);
  });
});
