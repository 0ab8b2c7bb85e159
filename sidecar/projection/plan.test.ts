import { describe, expect, it } from '@jest/globals';
import { planPaths, type OnDisk } from './plan.ts';
import { Store, type StoredObject } from './store.ts';

/** An object that claims paths with hashes; `createdAt` is a day of 2026. */
function object(key: string, day: number, claims: Record<string, string>): StoredObject {
  return {
    key,
    uid: `uid of ${key}`,
    resourceVersion: '1',
    createdAt: `2026-01-${String(day).padStart(2, '0')}T00:00:00Z`,
    claims: new Map(Object.entries(claims).map(([path, hash]) => [path, { hash, mode: 0o644 }])),
  };
}

function storeOf(...objects: StoredObject[]): Store {
  const store = new Store();
  for (const stored of objects) store.put(stored);
  return store;
}

const onDisk = (files: Record<string, OnDisk>): Map<string, OnDisk> => new Map(Object.entries(files));
const winners = (store: Store, path: string): string[] => store.claimants(path).map(({ key }) => key);

describe('Store', () => {
  it('gives a path to the oldest object, whatever came first', () => {
    const young = object('configmap/a/young', 2, { p: 'y' });
    const old = object('configmap/z/old', 1, { p: 'o' });
    expect(winners(storeOf(young, old), 'p')).toEqual([old.key, young.key]);
    expect(winners(storeOf(old, young), 'p')).toEqual([old.key, young.key]);
  });

  it('gives a path to the first by namespace, name and kind among objects of one age', () => {
    const keys = ['configmap/b/a', 'secret/a/b', 'configmap/a/b', 'secret/a/a'];
    const store = storeOf(...keys.map((key) => object(key, 1, { p: key })));
    expect(winners(store, 'p')).toEqual(['secret/a/a', 'configmap/a/b', 'secret/a/b', 'configmap/b/a']);
  });

  it('answers the paths that a change touches: those that were claimed and those that are', () => {
    const store = new Store();
    expect(store.put(object('configmap/x/a', 1, { p: '1', q: '1' }))).toEqual(new Set(['p', 'q']));
    expect(store.put(object('configmap/x/a', 1, { q: '2', r: '2' }))).toEqual(new Set(['p', 'q', 'r']));
    expect(winners(store, 'p')).toEqual([]);
    expect(store.delete('configmap/x/a')).toEqual(new Set(['q', 'r']));
    expect(store.delete('configmap/x/a')).toEqual(new Set());
    expect([store.size, [...store.keys()], winners(store, 'q')]).toEqual([0, [], []]);
  });
});

describe('planPaths', () => {
  const a = object('configmap/x/a', 1, { p: 'h1' });
  const b = object('configmap/x/b', 2, { p: 'h2' });
  const write = ({ key: source, createdAt, claims }: StoredObject, path = 'p') => ({
    path,
    source,
    createdAt,
    claim: claims.get(path),
  });
  const nothing = { write: [], remove: [], download: [], transfer: [], collisions: [] };

  it('writes a path that is claimed and not there', () => {
    expect(planPaths(['p'], storeOf(a), new Map())).toEqual({ ...nothing, write: [write(a)] });
  });

  it('writes a path whose content or mode is another, or not known', () => {
    for (const present of [
      { source: a.key, hash: 'other', mode: 0o644 },
      { source: a.key, hash: 'h1', mode: 0o600 },
      { source: a.key, hash: null, mode: 0o644 },
    ]) {
      expect(planPaths(['p'], storeOf(a), onDisk({ p: present }))).toEqual({ ...nothing, write: [write(a)] });
    }
  });

  it('has nothing to do for a path that is right, nor for one that is neither claimed nor ours', () => {
    const files = onDisk({ p: { source: a.key, hash: 'h1', mode: 0o644 } });
    expect(planPaths(['p', 'q'], storeOf(a), files)).toEqual(nothing);
  });

  it('removes a path of ours that nobody claims any more', () => {
    const files = onDisk({ p: { source: a.key, hash: null, mode: 0o644 } });
    expect(planPaths(['p'], storeOf(), files)).toEqual({ ...nothing, remove: ['p'] });
  });

  it('reports a collision; the winner has the path', () => {
    expect(planPaths(['p'], storeOf(b, a), new Map())).toEqual({
      ...nothing,
      write: [write(a)],
      collisions: [{ path: 'p', winner: a.key, losers: [b.key] }],
    });
  });

  it('lets the loser take over with its own content', () => {
    const files = onDisk({ p: { source: a.key, hash: 'h1', mode: 0o644 } });
    expect(planPaths(['p'], storeOf(b), files)).toEqual({ ...nothing, write: [write(b)] });
  });

  it('transfers a path whose content is the same', () => {
    const twin = object('configmap/x/twin', 3, { p: 'h1' });
    const files = onDisk({ p: { source: a.key, hash: 'h1', mode: 0o644 } });
    expect(planPaths(['p'], storeOf(twin), files)).toEqual({ ...nothing, transfer: [write(twin)] });
  });
});
