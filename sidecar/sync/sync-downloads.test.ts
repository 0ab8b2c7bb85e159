import { hash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import {
  apply,
  at,
  changes,
  configMaps,
  downloadsRaised,
  faultsRaised,
  list,
  logged,
  meter,
  object,
  recordOnDisk,
  repairFrom,
  start,
  sync,
  tree,
  useSyncOnDisk,
  temporary,
} from '../../test/sync-on-disk.ts';

useSyncOnDisk();

const url = 'https://user:word@example.com/k?a=b';
const other = 'https://example.com/other';
const source = 'configmap/x/a';
const wanted = { path: 'k', source, url, missing: true };
const there = { ...wanted, missing: false };
const downloading = object('a', { 'k.url': url });
const finish = (content: string, of = wanted): boolean => sync.downloaded(of, Buffer.from(content));

describe('Sync, downloads', () => {
  it('are wanted from the moment their object is seen until it goes', () => {
    apply('ADDED', downloading);
    expect([sync.wantedDownloads(), downloadsRaised, tree()]).toEqual([[wanted], 1, {}]);
    expect(finish('one')).toBe(true);
    expect([sync.wantedDownloads(), tree(), sync.counts]).toEqual([
      [there],
      { k: 'one' },
      { objects: 1, files: 1, bytes: 3, collisions: 0, faults: 0 },
    ]);
    expect(changes).toEqual([{ written: ['/app/k'], removed: [], objects: [source] }]);
    apply('DELETED', downloading);
    expect([sync.wantedDownloads(), downloadsRaised, tree(), recordOnDisk().owned.size]).toEqual([[], 2, {}, 0]);
  });

  it('adopt a file of equal content with EXISTING_FILES=keep, and leave one of other content alone', () => {
    start({ keepsExisting: true });
    writeFileSync(at('k'), 'one');
    apply('ADDED', downloading);
    expect([finish('one'), recordOnDisk().owned.has('k'), sync.faults]).toEqual([false, true, []]);

    writeFileSync(at('l'), 'not yours');
    apply('ADDED', object('b', { 'l.url': other }));
    finish('other', { path: 'l', source: 'configmap/x/b', url: other, missing: true });
    expect([tree(), recordOnDisk().owned.has('l'), sync.faults.length]).toEqual([
      { k: 'one', l: 'not yours' },
      false,
      1,
    ]);
  });

  it('are waited for until the first try, whatever comes of it', () => {
    list(configMaps, downloading, object('b', { 'l.url': other }));
    const second = { path: 'l', source: 'configmap/x/b', url: other, missing: true };
    expect([sync.settled, sync.faults, faultsRaised]).toEqual([
      false,
      ['k: the content has to be downloaded', 'l: the content has to be downloaded'],
      0,
    ]);
    finish('one');
    expect([sync.settled, faultsRaised]).toEqual([false, 1]);
    sync.downloadFailed(second, 'status 503');
    expect([sync.settled, sync.faults, faultsRaised]).toEqual([true, ['l: the download failed: status 503'], 2]);
    finish('two', second);
    expect([sync.settled, sync.faults, faultsRaised, tree()]).toEqual([true, [], 2, { k: 'one', l: 'two' }]);
  });

  it('need no repair, but for those that could not be written', async () => {
    apply('ADDED', downloading);
    expect([await repairFrom(), downloadsRaised]).toEqual([true, 1]);
    sync.downloadFailed(wanted, 'status 503');
    expect([await repairFrom(), downloadsRaised, sync.wantedDownloads()]).toEqual([true, 1, [wanted]]);

    finish('one');
    mkdirSync(temporary('file'));
    expect([finish('two', there), sync.settled]).toEqual([false, false]);
    expect([await repairFrom(), downloadsRaised, sync.wantedDownloads()]).toEqual([false, 2, [wanted]]);
    rmdirSync(temporary('file'));
    expect([finish('two'), sync.settled, sync.wantedDownloads(), tree()]).toEqual([true, true, [there], { k: 'two' }]);
  });

  it('keep the last good file when a later one fails, and say so as long as it lasts', () => {
    apply('ADDED', downloading);
    finish('one');
    sync.downloadFailed(there, 'status 503');
    apply('MODIFIED', object('a', { 'k.url': url }));
    expect([tree(), sync.faults, sync.settled]).toEqual([{ k: 'one' }, ['k: the download failed: status 503'], true]);
    expect([finish('one', there), sync.faults, tree()]).toEqual([false, [], { k: 'one' }]);
  });

  it('write and record nothing when the content is the same', () => {
    apply('ADDED', downloading);
    finish('one');
    const before = [statSync(at('k')).ino, readFileSync(at('.sync-sidecar.abc'), 'utf8')];
    expect(finish('one', there)).toBe(false);
    expect([statSync(at('k')).ino, readFileSync(at('.sync-sidecar.abc'), 'utf8')]).toEqual(before);
    expect(changes.length).toBe(1);
  });

  it('adopt a file of equal content', () => {
    writeFileSync(at('k'), 'one', { mode: 0o644 });
    apply('ADDED', downloading);
    expect([finish('one'), sync.settled, sync.wantedDownloads()]).toEqual([false, true, [there]]);
  });

  it('have no effect when another URL, another object or nothing is wanted meanwhile', () => {
    apply('ADDED', downloading);
    apply('MODIFIED', object('a', { 'k.url': other }));
    expect(finish('one')).toBe(false);
    sync.downloadFailed(wanted, 'status 503');
    expect([tree(), sync.faults]).toEqual([{}, ['k: the content has to be downloaded']]);
    apply('MODIFIED', object('a', { k: 'plain' }));
    expect(finish('one', { ...wanted, url: other })).toBe(false);
    expect([tree(), sync.faults]).toEqual([{ k: 'plain' }, []]);
    apply('DELETED', downloading);
    expect([finish('one'), tree()]).toEqual([false, {}]);
    expect(sync.downloaded({ ...wanted, source: 'configmap/x/b' }, Buffer.from('one'))).toBe(false);
  });

  it('leave the old file until there is new content, when the URL changes', () => {
    apply('ADDED', downloading);
    finish('one');
    apply('MODIFIED', object('a', { 'k.url': other }));
    const next = { ...wanted, url: other };
    expect([tree(), sync.wantedDownloads(), downloadsRaised]).toEqual([{ k: 'one' }, [next], 2]);
    // The same content, but of another URL: a restart has to know.
    expect([finish('one', next), sync.settled]).toEqual([false, true]);
    expect(recordOnDisk().owned.get('k')).toMatchObject({ url: hash('sha256', other, 'base64url') });
  });
});

describe('Sync, a key that becomes a download and back', () => {
  it('leaves the old file until there is new content', () => {
    apply('ADDED', object('a', { k: 'plain' }));
    apply('MODIFIED', downloading);
    expect([tree(), sync.wantedDownloads(), sync.settled]).toEqual([{ k: 'plain' }, [wanted], false]);
    finish('one');
    expect(tree()).toEqual({ k: 'one' });
    apply('MODIFIED', object('a', { k: 'plain' }));
    expect([tree(), sync.wantedDownloads(), downloadsRaised]).toEqual([{ k: 'plain' }, [], 2]);
  });

  it('removes the old file with its object, also when nothing was ever downloaded', () => {
    apply('ADDED', object('a', { k: 'plain' }));
    apply('MODIFIED', downloading);
    sync.downloadFailed(wanted, 'status 404');
    apply('DELETED', downloading);
    expect([tree(), sync.faults, recordOnDisk().owned.size]).toEqual([{}, [], 0]);
  });

  it('needs no write when the content is the same', () => {
    apply('ADDED', object('a', { k: 'same' }));
    apply('MODIFIED', downloading);
    expect([finish('same'), sync.wantedDownloads()]).toEqual([false, [there]]);
    apply('MODIFIED', object('a', { k: 'same' }));
    expect([changes.length, recordOnDisk().owned.get('k')]).toEqual([
      1,
      expect.not.objectContaining({ url: expect.anything() }),
    ]);
  });
});

describe('Sync, a download that collides', () => {
  const young = object('young', { k: 'plain' }, { age: 1 });

  it('gives the path to a plain loser when it goes', async () => {
    list(configMaps, downloading, young);
    finish('one');
    apply('DELETED', downloading);
    expect([tree(), sync.wantedDownloads(), sync.faults]).toEqual([
      { k: 'one' },
      [],
      ['k: the content has to be fetched'],
    ]);
    expect(await repairFrom(young)).toBe(true);
    expect(tree()).toEqual({ k: 'plain' });
  });

  it('takes the path over from a plain winner that goes', () => {
    const old = object('old', { k: 'plain' });
    const loser = object('a', { 'k.url': url }, { age: 1 });
    list(configMaps, loser, old);
    expect([tree(), sync.wantedDownloads()]).toEqual([{ k: 'plain' }, []]);
    apply('DELETED', old);
    expect([tree(), sync.wantedDownloads()]).toEqual([{ k: 'plain' }, [wanted]]);
    finish('one');
    expect(tree()).toEqual({ k: 'one' });
  });

  it('hands a file of the same URL over without a download', () => {
    list(configMaps, downloading, object('b', { 'k.url': url }, { age: 1 }));
    finish('one');
    apply('DELETED', downloading);
    expect([tree(), sync.settled, sync.wantedDownloads()]).toEqual([
      { k: 'one' },
      true,
      [{ ...there, source: 'configmap/x/b' }],
    ]);
    expect(recordOnDisk().owned.get('k')).toMatchObject({
      source: 'configmap/x/b',
      hash: hash('sha256', 'one', 'base64url'),
    });
  });
});

describe('Sync, downloads and a restart', () => {
  it('are not wanted anew, as the record says what the file is', () => {
    list(configMaps, downloading);
    finish('one');
    start();
    expect([sync.wantedDownloads(), sync.settled]).toEqual([[], true]);
    list(configMaps, downloading);
    expect([sync.wantedDownloads(), sync.settled, tree(), changes, meter.counts]).toEqual([
      [there],
      true,
      { k: 'one' },
      [],
      [],
    ]);
  });

  it('are wanted anew when the URL has changed, or somebody has touched the file', () => {
    list(configMaps, downloading, object('b', { 'l.url': url }));
    finish('one');
    finish('one', { ...wanted, path: 'l', source: 'configmap/x/b' });
    writeFileSync(at('l'), 'somebody else');
    start();
    list(configMaps, object('a', { 'k.url': other }), object('b', { 'l.url': url }));
    expect([sync.wantedDownloads().map(({ path, missing }) => [path, missing]), sync.settled]).toEqual([
      [
        ['k', true],
        ['l', true],
      ],
      false,
    ]);
  });

  it('go with an object that is gone meanwhile', () => {
    list(configMaps, downloading);
    finish('one');
    start();
    list(configMaps);
    expect([tree(), sync.wantedDownloads()]).toEqual([{}, []]);
  });
});

it('has neither URL nor content in the log or the record', () => {
  apply('ADDED', downloading);
  finish('secret content');
  sync.downloadFailed(there, 'status 503');
  apply('MODIFIED', object('a', { 'k.url': 'word' }));
  const all = logged.text() + readFileSync(at('.sync-sidecar.abc'), 'utf8') + sync.faults.join();
  expect(all).not.toMatch(/word|secret|example/);
});
