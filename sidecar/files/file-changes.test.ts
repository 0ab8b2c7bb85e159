import { describe, expect, it } from '@jest/globals';
import { CollectedChanges, type FileChanges } from './file-changes.ts';

const nothing: FileChanges = { written: [], removed: [], objects: [] };

function sumOf(...changes: Parameters<CollectedChanges['add']>[0][]): CollectedChanges['sum'] {
  const collected = new CollectedChanges();
  for (const change of changes) collected.add(change);
  return collected.sum;
}

describe('CollectedChanges', () => {
  it('has every path and every object once', () => {
    const first = { written: ['/a', '/b'], removed: ['/c'], objects: ['configmap/x/a'] };
    const second = { written: ['/b'], removed: ['/d'], objects: ['configmap/x/a', 'secret/x/b'] };
    expect(sumOf(first, second)).toEqual({
      complete: true,
      written: ['/a', '/b'],
      removed: ['/c', '/d'],
      objects: ['configmap/x/a', 'secret/x/b'],
    });
  });

  it('says of a path what happened to it last', () => {
    const written = { ...nothing, written: ['/a'] };
    const removed = { ...nothing, removed: ['/a'] };
    expect(sumOf(written, removed)).toEqual({ complete: true, ...removed });
    expect(sumOf(removed, written)).toEqual({ complete: true, ...written });
    expect(sumOf({ ...written, removed: ['/a'] })).toEqual({ complete: true, ...written });
  });

  it('is not complete when a part of it is not known', () => {
    const known = { ...nothing, written: ['/a'] };
    expect(sumOf(known, undefined)).toEqual({ complete: false, ...known });
    expect(sumOf({ ...nothing, complete: false }, known)).toEqual({ complete: false, ...known });
  });

  it('remembers 10,000 paths and 10,000 objects, and says when there were more', () => {
    const names = Array.from({ length: 10_000 }, (_, n) => `/${n}`);
    const full = { written: names, removed: [], objects: names };
    expect(sumOf(full)).toEqual({ complete: true, ...full });
    expect(sumOf(full, { ...nothing, removed: ['/one more'] })).toEqual({ complete: false, ...full });
    expect(sumOf(full, { ...nothing, objects: ['one more'] })).toEqual({ complete: false, ...full });
    expect(sumOf(full, { ...nothing, removed: ['/0'] })).toEqual({
      complete: true,
      written: names.slice(1),
      removed: ['/0'],
      objects: names,
    });
  });
});
