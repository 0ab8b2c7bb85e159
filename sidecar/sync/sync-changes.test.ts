import { describe, expect, it } from '@jest/globals';
import { mkdirSync, rmSync } from 'node:fs';
import {
  apply,
  at,
  brokenList,
  changes,
  configMaps,
  folder,
  list,
  logged,
  meter,
  naming,
  object,
  quietParts,
  repairFrom,
  start,
  sync,
  tree,
  useSyncOnDisk,
} from '../../test/sync-on-disk.ts';
import type { KubernetesObject } from '../../shared/kubernetes/object.ts';
import type { LogLine } from '../../test/recording-log.ts';
import type { FileChanges } from '../files/file-changes.ts';
import { OwnershipRecord } from '../files/ownership-record.ts';
import { PathOwners } from '../files/path-owners.ts';
import { Volume } from '../files/volume.ts';
import { Sync } from './sync.ts';

useSyncOnDisk();

describe('Sync, what it tells of changes', () => {
  it('names the files as the application sees them, and the objects, once for each event', () => {
    apply('ADDED', object('a', { k: '1', l: '1' }, { folder: 'sub' }));
    apply('MODIFIED', object('a', { k: '1', l: '2' }, { folder: 'sub' }));
    apply('MODIFIED', object('a', { k: '1', l: '2' }));
    apply('DELETED', object('a', {}));
    const objects = ['configmap/x/a'];
    expect(changes).toEqual([
      { written: ['/app/sub/k', '/app/sub/l'], removed: [], objects },
      { written: ['/app/sub/l'], removed: [], objects },
      { written: ['/app/k', '/app/l'], removed: ['/app/sub/k', '/app/sub/l'], objects },
      { written: [], removed: ['/app/k', '/app/l'], objects },
    ]);
  });

  it('tells of a whole list once, and nothing of a list that changed nothing', () => {
    const [a, b] = [object('a', { a: '1' }), object('b', { b: '1' })];
    list(configMaps, a, b);
    list(configMaps, a, b);
    list(configMaps, a, object('c', { c: '1' }));
    expect(changes).toEqual([
      { complete: true, written: ['/app/a', '/app/b'], removed: [], objects: ['configmap/x/a', 'configmap/x/b'] },
      { complete: true, written: ['/app/c'], removed: ['/app/b'], objects: ['configmap/x/c', 'configmap/x/b'] },
    ]);
  });

  it('tells of what a list has changed before it broke off', () => {
    brokenList(configMaps, object('a', { a: '1' }));
    expect(changes).toEqual([{ complete: true, written: ['/app/a'], removed: [], objects: ['configmap/x/a'] }]);
  });

  it('has something untold while a list is under way that has changed a file', () => {
    const pass = sync.subscriber(configMaps).beginList();
    expect(sync.hasUntold).toBe(false);
    pass.take(object('a', { a: '1' }));
    apply('ADDED', object('b', { b: '1' }));
    expect([sync.hasUntold, changes.length]).toEqual([true, 1]);
    pass.end();
    expect([sync.hasUntold, changes.length]).toEqual([false, 2]);
  });

  it('names the object that takes a path over, and the one that a removal tried again belongs to', async () => {
    const [old, young] = [object('old', { k: '1' }), object('young', { k: '2' }, { age: 1 })];
    list(configMaps, old, young);
    apply('DELETED', old);
    await repairFrom(young);
    expect(changes.slice(1)).toEqual([{ written: ['/app/k'], removed: [], objects: ['configmap/x/young'] }]);
  });
});

describe('Sync, what it counts', () => {
  const counted = (): Record<string, number> =>
    Object.fromEntries(
      meter.counts.map(({ family, labels, value }) => [Object.values({ family, ...labels }).join(), value]),
    );

  it('counts objects, files with their size, collisions and faults', () => {
    mkdirSync(at('taken'));
    list(configMaps, object('a', { k: 'grün', taken: '' }), object('b', { k: '2', l: '22' }, { age: 1 }));
    expect(sync.counts).toEqual({ objects: 2, files: 2, bytes: 7, collisions: 1, faults: 1 });
    list(configMaps);
    expect(sync.counts).toEqual({ objects: 0, files: 0, bytes: 0, collisions: 0, faults: 0 });
  });

  it('meters objects, files and failures as they happen', async () => {
    mkdirSync(at('taken'));
    const a = object('a', { k: '1', taken: '1' });
    apply('ADDED', a);
    apply('MODIFIED', a);
    apply('MODIFIED', object('a', { k: '1', taken: '2' }));
    rmSync(at('taken'), { recursive: true });
    await repairFrom(object('a', { l: '1' }));
    apply('DELETED', a);
    apply('DELETED', a);
    expect(counted()).toEqual({
      'events,test,ADDED': 1,
      'events,test,MODIFIED': 2,
      'events,test,DELETED': 1,
      'fileChanges,test,written': 2,
      'fileChanges,test,removed': 2,
      'fileFailures,test': 3,
    });
  });

  it('counts no object that a restart finds as it was', () => {
    const [a, b] = [object('a', { a: '1' }), object('b', { b: '1' })];
    list(configMaps, a, b);
    start();
    list(configMaps, a, object('b', { b: '2' }), object('c', {}));
    expect(counted()).toEqual({ 'events,test,MODIFIED': 1, 'events,test,ADDED': 1, 'fileChanges,test,written': 1 });
  });
});

describe('Sync, the lines that users of kiwigrid/k8s-sidecar look for', () => {
  const said = (): LogLine[] =>
    logged.lines.map(({ time: _time, ...line }) => line).filter(({ level }) => level !== 'WARNING');

  it('says which object it works on, and what it does to files', () => {
    const a = object('a', { k: '1' });
    apply('ADDED', a);
    list(configMaps, a);
    list(configMaps, object('a', { k: '1', same: '' }));
    apply('DELETED', a);
    const source = 'configmap/x/a';
    expect(said()).toEqual([
      { level: 'DEBUG', object: source, msg: 'Working on ADDED configmap x/a' },
      { level: 'INFO', path: at('k'), source, bytes: 1, msg: `Writing ${at('k')}` },
      { level: 'DEBUG', object: source, msg: 'Working on configmap: x/a' },
      { level: 'INFO', path: at('same'), source, bytes: 0, msg: `Writing ${at('same')}` },
      { level: 'INFO', path: at('k'), msg: `Removing ${at('k')}` },
      { level: 'INFO', path: at('same'), msg: `Removing ${at('same')}` },
    ]);
  });

  it('says that a file was right already', () => {
    apply('ADDED', object('a', { k: '1' }));
    rmSync(at('.sync-sidecar.abc'));
    start();
    apply('ADDED', object('a', { k: '1' }));
    expect(said().slice(1)).toEqual([
      {
        level: 'DEBUG',
        path: at('k'),
        source: 'configmap/x/a',
        msg: `Contents of ${at('k')} haven't changed. Not overwriting existing file`,
      },
    ]);
  });

  it('says once for each change of an object what of it is not synced', async () => {
    mkdirSync(at('taken'));
    const a = object('a', { taken: '', 'k.url': 'no URL' });
    apply('ADDED', a);
    await repairFrom(a);
    list(configMaps, a);
    expect(logged.lines.filter(({ msg }) => msg === 'not synced').length).toBe(1);
  });

  it('says that an object has nothing for us', () => {
    apply('ADDED', object('a', {}));
    expect(logged.lines.at(-1)).toMatchObject({
      level: 'WARNING',
      object: 'configmap/x/a',
      msg: 'No data/binaryData field in configmap',
    });
  });

  it('says once for each change of an object where its folder annotation puts it', () => {
    const a = object('a', { k: '1', l: '1' }, { folder: 'sub' });
    apply('ADDED', a);
    list(configMaps, a);
    const found = said().filter(({ folder }) => folder !== undefined);
    expect(found).toEqual([
      {
        level: 'INFO',
        object: 'configmap/x/a',
        folder: at('sub'),
        msg: `Found a folder override annotation, placing the a in: ${at('sub')}`,
      },
    ]);
  });
});

describe('Sync, another process with the same record', () => {
  /** Answers what it tells its own application. */
  function startReplica(): Disposable & { replica: Sync; told: FileChanges[] } {
    const told: FileChanges[] = [];
    const shared = { ...naming, host: 'other' };
    const own = {
      volume: Volume.open({ folder, stateFolder: folder, ...shared }),
      record: OwnershipRecord.open({ folder, mode: 0o644, ...shared }),
      claims: new PathOwners().of('sync', folder, () => undefined),
    };
    own.record.beat();
    const replica = new Sync({ ...quietParts(folder), ...own, onChange: (change) => told.push(change) });
    return { replica, told, [Symbol.dispose]: () => own.record.close() };
  }

  it.each([
    ['this one', 'the other one'],
    ['the other one', 'this one'],
  ])('tells of a change as this one does, once each, where %s comes first', (first) => {
    apply('ADDED', object('before', { before: '1' }));
    using other = startReplica();
    const { replica, told } = other;
    changes.length = 0;
    const order = first === 'this one' ? [sync, replica] : [replica, sync];
    const bothSee = (type: 'ADDED' | 'MODIFIED' | 'DELETED', changed: KubernetesObject): void => {
      for (const one of order) one.subscriber(configMaps).apply({ type, object: changed });
    };
    bothSee('ADDED', object('a', { k: '1', l: '1' }));
    bothSee('MODIFIED', object('a', { k: '2', l: '1' }));
    for (const one of order) one.mend(['k']);
    bothSee('MODIFIED', object('a', { k: '2', l: '1' }));
    bothSee('DELETED', object('a', {}));
    const paths = ({ written, removed }: FileChanges) => ({ written, removed });
    const expected = (app: string) => [
      { written: [`${app}/k`, `${app}/l`], removed: [] },
      { written: [`${app}/k`], removed: [] },
      { written: [], removed: [`${app}/k`, `${app}/l`] },
    ];
    expect([changes.map(paths), told.map(paths), tree()]).toEqual([
      expected('/app'),
      expected(folder),
      { before: '1' },
    ]);
  });
});
