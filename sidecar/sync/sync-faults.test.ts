import { hash } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, readFileSync, readlinkSync, rmSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs';
import {
  apply,
  at,
  changes,
  configMaps,
  faultsRaised,
  inodes,
  list,
  meter,
  object,
  record,
  recordOnDisk,
  repairFrom,
  start,
  sync,
  temporary,
  tree,
  withoutRecord,
  useSyncOnDisk,
  volume,
} from '../../test/sync-on-disk.ts';
import type { Scope } from '../source/source.ts';

useSyncOnDisk();

describe('Sync, files of others', () => {
  it('leaves a foreign file alone whose path was claimed but could not be written', () => {
    writeFileSync(at('mine'), 'not yours');
    mkdirSync(temporary('file'));
    apply('ADDED', object('a', { mine: 'of the object' }));
    expect(sync.settled).toBe(false);

    apply('DELETED', object('a', {}));

    rmdirSync(temporary('file'));
    expect(tree()).toEqual({ mine: 'not yours' });
    expect(recordOnDisk().owned).toEqual(new Map());
  });

  it('leaves a foreign file alone that stands where a crash kept it from being replaced', async () => {
    const owned = {
      source: 'configmap/x/a',
      createdAt: '',
      hash: null,
      claimed: 'other',
      mode: 0o644,
      fingerprint: null,
    };
    writeFileSync(at('mine'), 'not yours');
    writeFileSync(at('.sync-sidecar.abc'), `# ${JSON.stringify({ own: 'mine', ...owned })}\n`);
    start();

    list(configMaps);

    expect(tree()).toEqual({ mine: 'not yours' });
    expect(recordOnDisk().owned).toEqual(new Map());
  });

  it('removes a file of ours that a crash kept out of the record, also when the disk was full after the restart', async () => {
    const owned = { source: 'configmap/x/a', createdAt: '', hash: null, mode: 0o644, fingerprint: null };
    const claimed = hash('sha256', 'of the object', 'base64url');
    writeFileSync(at('k'), 'of the object');
    writeFileSync(at('.sync-sidecar.abc'), `# ${JSON.stringify({ own: 'k', ...owned, claimed })}\n`);
    start();
    mkdirSync(temporary('file'));
    apply('MODIFIED', object('a', { k: 'changed' }));
    expect(sync.settled).toBe(false);
    rmdirSync(temporary('file'));

    apply('DELETED', object('a', {}));

    expect(tree()).toEqual({});
  });
});

describe('Sync, files of others with EXISTING_FILES=keep', () => {
  beforeEach(() => {
    record.close();
    start({ keepsExisting: true });
  });

  it('leaves a file of other content alone, says which, and does not wait for it', async () => {
    writeFileSync(at('mine'), 'not yours');
    symlinkSync('/dev/null', at('link'));
    mkdirSync(at('folder'));
    apply('ADDED', object('a', { mine: 'of the object', link: '1', folder: '1', k: '1' }));
    const stays = (path: string): string =>
      `${path}: ${at(path)} is there already, with other content than configmap/x/a has for it, and stays (EXISTING_FILES=keep)`;

    expect([sync.settled, tree(), sync.faults]).toEqual([
      true,
      { mine: 'not yours', k: '1' },
      [stays('mine'), stays('link'), `folder: ${at('folder')} is a folder`],
    ]);
    expect([...recordOnDisk().owned.keys()]).toEqual(['k']);
    apply('DELETED', object('a', {}));
    expect([tree(), sync.faults]).toEqual([{ mine: 'not yours' }, []]);
  });

  it('writes the file once the other one is gone', async () => {
    writeFileSync(at('mine'), 'not yours');
    const claiming = object('a', { mine: 'of the object' });
    apply('ADDED', claiming);
    rmSync(at('mine'));
    await repairFrom(claiming);
    expect([tree(), sync.faults]).toEqual([{ mine: 'of the object' }, []]);
  });

  it('adopts a file of equal content, and from then on it is ours', () => {
    writeFileSync(at('same'), '1');
    apply('ADDED', object('a', { same: '1' }));
    writeFileSync(at('same'), 'somebody else wrote this');
    apply('MODIFIED', object('a', { same: '2' }));
    expect([tree(), sync.faults]).toEqual([{ same: '2' }, []]);
  });

  it.each([
    ['written', 'of the object', { k: 'changed' }],
    ['not written, and somebody else did', 'not yours', { k: 'not yours' }],
  ])('knows its own file after a crash while it was %s', (_, content, expected) => {
    const owned = { source: 'configmap/x/a', createdAt: '', hash: null, mode: 0o644, fingerprint: null };
    const claimed = hash('sha256', 'of the object', 'base64url');
    writeFileSync(at('k'), content);
    writeFileSync(at('.sync-sidecar.abc'), `# ${JSON.stringify({ own: 'k', ...owned, claimed })}\n`);
    start({ keepsExisting: true });
    apply('MODIFIED', object('a', { k: 'changed' }));
    expect(tree()).toEqual(expected);
  });
});

describe('Sync, what has been tried', () => {
  it('is everything once what can not be written has failed, though it is not settled', () => {
    mkdirSync(temporary('file'));
    apply('ADDED', object('a', { k: '1' }));
    expect([sync.tried, sync.settled]).toEqual([true, false]);
  });

  it('is not what nobody has fetched yet', () => {
    const [older, younger] = [object('a', { k: '1' }), object('b', { k: '2' }, { age: 1 })];
    list(configMaps, older, younger);
    apply('DELETED', older);
    expect([sync.tried, sync.settled, sync.faults]).toEqual([false, false, ['k: the content has to be fetched']]);
  });

  it('is told before what stays as it is until somebody acts', () => {
    mkdirSync(at('a'));
    apply('ADDED', object('x', { a: '1' }));
    mkdirSync(temporary('file'));
    apply('ADDED', object('y', { b: '1' }));
    expect(sync.faults.map((fault) => fault.slice(0, 2))).toEqual(['b:', 'a:']);
  });
});

describe('Sync, lasting faults', () => {
  it('are not settled as long as the record is behind, so that it is tried again soon', async () => {
    const changed = object('a', { k: '1' });
    withoutRecord(() => {
      apply('ADDED', changed);
      apply('DELETED', changed);
      expect(sync.settled).toBe(false);
    });

    await repairFrom();

    expect(sync.settled).toBe(true);
  });

  it('stay what they are when another object that claims the path is looked at', async () => {
    mkdirSync(at('p'));
    mkdirSync(at('q'));
    const [winner, loser] = [object('w', { p: '1' }), object('l', { p: '2', q: '2' }, { age: 1 })];
    apply('ADDED', winner);
    apply('ADDED', loser);
    expect(sync.settled).toBe(true);

    await repairFrom(winner, loser);

    expect(sync.settled).toBe(true);
    expect(sync.faults).toEqual([`p: ${at('p')} is a folder`, `q: ${at('q')} is a folder`]);
  });

  it.each(['sub', 'sub/deep', 'sub/deep/deeper'])('are files of others where a folder should be: for %s', (sub) => {
    writeFileSync(at('sub'), 'a file');
    apply('ADDED', object('a', { k: '1' }, { folder: sub }));
    expect([sync.settled, sync.faults]).toEqual([
      true,
      [`${sub}/k: ${at('sub')} is no folder, so that no file can be put into it`],
    ]);
    expect(recordOnDisk()).toMatchObject({ owned: new Map(), folders: new Set() });
  });

  it('are looked at again when a file of ours goes that may have been in the way', () => {
    apply('ADDED', object('a', { k: '1' }));
    apply('ADDED', object('b', { inner: '2' }, { folder: 'k' }));
    expect([sync.settled, sync.faults.length]).toEqual([true, 1]);
    const before = faultsRaised;

    apply('DELETED', object('a', {}));

    expect(faultsRaised - before).toBe(1);
  });
});

describe('Sync, what breaks off in the middle', () => {
  const [a, b] = [object('a', { k: '1', l: '1' }, { folder: 'sub' }), object('b', { old: '1' })];
  const changed = object('a', { k: '2', m: '2' });

  beforeEach(() => {
    record.close();
    start({ keepsExisting: true });
  });

  /** Lets one call of what brings files up to date fail; answers whether it came to that one. */
  function breakOffAt(call: number, step: () => void): boolean {
    let calls = 0;
    const targets = [
      [record, 'add'],
      [volume, 'hash'],
      [meter, 'fileChange'],
    ] as const;
    for (const [target, name] of targets) {
      const method = (Reflect.get(target, name) as (...args: unknown[]) => unknown).bind(target);
      const failing = (...args: unknown[]): unknown => {
        if (++calls === call) throw new Error('broken off');
        return method(...args);
      };
      Reflect.set(target, name, failing);
    }
    try {
      step();
    } catch {
      // The stream lists again then.
    }
    for (const [target, name] of targets) Reflect.deleteProperty(target, name);
    return calls >= call;
  }

  it.each([
    ['a list', () => list(configMaps, changed)],
    ['a watch', () => (apply('MODIFIED', changed), apply('DELETED', b))],
  ])('is mended by the next list, wherever it was in %s', (_, step) => {
    let calls = 0;
    for (let reached = true; reached;) {
      list(configMaps, a, b);
      writeFileSync(at('m'), '2');
      reached = breakOffAt(++calls, step);
      list(configMaps, changed);
      expect([tree(), sync.faults, sync.settled]).toEqual([{ k: '2', m: '2' }, [], true]);
    }
    expect(calls).toBeGreaterThan(10);
  });

  it('is mended by a repair, wherever it was', async () => {
    let calls = 0;
    for (let reached = true; reached;) {
      list(configMaps, a);
      writeFileSync(at('m'), '2');
      reached = breakOffAt(++calls, () => apply('MODIFIED', changed));
      expect(sync.settled).toBe(!reached);
      expect(await repairFrom(changed)).toBe(true);
      expect([tree(), sync.faults]).toEqual([{ k: '2', m: '2' }, []]);
    }
    expect(calls).toBeGreaterThan(10);
  });
});

describe('Sync, a file becomes a folder and back', () => {
  const file = object('file', { sub: '1' });
  const inFolder = object('folder', { k: '2' }, { folder: 'sub' });

  it.each([
    { from: 'file', to: 'folder', old: file, next: inFolder, expected: { 'sub/k': '2' } },
    { from: 'folder', to: 'file', old: inFolder, next: file, expected: { sub: '1' } },
  ])('makes a $from a $to by a repair, which is waited for, between two objects', async ({ old, next, expected }) => {
    list(configMaps, old);
    list(configMaps, next);
    expect([sync.settled, faultsRaised > 0]).toEqual([false, true]);
    expect(await repairFrom(next)).toBe(true);
    expect([tree(), sync.settled, sync.faults]).toEqual([expected, true, []]);
  });

  it.each(['first', 'last'])(
    'makes way at once when the object that was in the way comes %s in the list',
    async (order) => {
      list(configMaps, file);
      const moved = object('file', { other: '1' });
      list(configMaps, ...(order === 'first' ? [moved, inFolder] : [inFolder, moved]));
      await repairFrom(moved, inFolder);
      expect([tree(), sync.settled]).toEqual([{ other: '1', 'sub/k': '2' }, true]);
    },
  );

  it('is settled again with what is still in the way', async () => {
    list(configMaps, file);
    list(configMaps, inFolder);
    writeFileSync(at('sub'), 'somebody else');
    expect(await repairFrom(inFolder)).toBe(false);
    expect([sync.settled, tree()]).toEqual([true, { sub: 'somebody else' }]);
  });
});

describe('Sync, what kiwigrid/k8s-sidecar gets wrong', () => {
  const withFields = (fields: object) => ({ ...object('a', {}), ...fields });

  it('keeps a key that moves from binaryData to data and back', () => {
    const [text, binary] = [{ k: 'same' }, { k: Buffer.from('same').toString('base64') }];
    apply('ADDED', withFields({ data: text }));
    const before = inodes();
    apply('MODIFIED', withFields({ data: undefined, binaryData: binary }));
    expect([tree(), inodes()]).toEqual([{ k: 'same' }, before]);
    apply('MODIFIED', withFields({ data: { k: 'other' } }));
    expect(tree()).toEqual({ k: 'other' });
    apply('MODIFIED', withFields({ data: {}, binaryData: binary }));
    expect(tree()).toEqual({ k: 'same' });
  });

  it('tells objects apart whose namespaces and names read the same one after the other', () => {
    const everywhere: Scope = { kind: 'configmap', labelSelector: 'sync' };
    const of = (namespace: string, name: string, data: Record<string, string>) => {
      const { metadata } = object(name, data);
      return { metadata: { ...metadata, namespace }, data };
    };
    list(everywhere, of('a', 'bc', { one: '1' }), of('ab', 'c', { two: '2' }));
    expect(tree()).toEqual({ one: '1', two: '2' });
    apply('DELETED', of('ab', 'c', {}), everywhere);
    expect(tree()).toEqual({ one: '1' });
  });

  it('keeps the files when a folder annotation is written in another way', () => {
    apply('ADDED', object('a', { k: '1' }, { folder: 'sub' }));
    const before = inodes();
    for (const folder of ['sub/', './sub', 'sub//', '/app/sub', 'x/../sub']) {
      apply('MODIFIED', object('a', { k: '1' }, { folder }));
      expect([tree(), inodes()]).toEqual([{ 'sub/k': '1' }, before]);
    }
    expect(changes.length).toBe(1);
  });

  it('leaves the links of others alone, and what they lead to', () => {
    mkdirSync(at('theirs'));
    writeFileSync(at('theirs/k'), 'theirs');
    symlinkSync('theirs', at('link'));
    symlinkSync('theirs/k', at('file-link'));
    const a = object('a', { k: '1' }, { folder: 'link' });
    list(configMaps, a);
    list(configMaps);
    expect([readFileSync(at('theirs/k'), 'utf8'), readlinkSync(at('link')), readlinkSync(at('file-link'))]).toEqual([
      'theirs',
      'theirs',
      'theirs/k',
    ]);
  });
});
