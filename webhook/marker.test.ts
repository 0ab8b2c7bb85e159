import { describe, expect, it } from '@jest/globals';
import { markerIn, markerOf } from './marker.ts';
import type { Volume } from './pod.ts';

const onDisk = { name: 'sync-sidecar', emptyDir: {} };
const inMemory = { name: 'sync-sidecar', emptyDir: { medium: 'Memory' } };
const said = { 'sync-sidecar.io/label': 'a', 'b.sync-sidecar.io/folder': '/b' };

function marker(annotations?: Record<string, string>, volume: Volume | undefined = onDisk): string {
  return markerOf(annotations ? { metadata: { annotations } } : {}, volume);
}

describe('the marker of an injected pod', () => {
  // Another value would be that of another recipe, by which no replica of another version would know the pod again.
  it('is the beginning of a SHA-256 that stays the same in every version', () => {
    expect(marker(said)).toBe('f9148efba72f08a3');
    expect(marker({})).toBe('cea3b22a73cde31a');
  });

  it('is the same in whatever order the annotations come, and whatever others say beside them', () => {
    const others = { 'example.com/label': 'a', 'sync-sidecar.io.example.com/x': '', 'sync-sidecar.io/status': '{}' };

    expect(marker({ ...others, ...Object.fromEntries(Object.entries(said).reverse()) })).toBe(marker(said));
    expect([marker(), marker(others)]).toEqual([marker({}), marker({})]);
  });

  it.each<[string, Record<string, string>, Volume]>([
    ['a value', { ...said, 'sync-sidecar.io/label': 'b' }, onDisk],
    ['a name', { ...said, 'c.sync-sidecar.io/folder': '/b' }, onDisk],
    ['what one sync says and all say', { ...said, 'sync-sidecar.io/folder': '/b' }, onDisk],
    ['where the files lie', said, inMemory],
  ])('is another one for another pod: %s', (_case, annotations, volume) => {
    expect(marker(annotations, volume)).not.toBe(marker(said));
  });

  it('is read from the environment of the sidecar', () => {
    expect(markerIn({ name: 'sync-sidecar', env: [{ name: 'SYNC_SIDECAR_INJECTED', value: 'abc' }] })).toBe('abc');
    expect([markerIn({ name: 'a' }), markerIn({ name: 'a', env: [] })]).toEqual([undefined, undefined]);
  });
});
