import { describe, expect, it } from '@jest/globals';
import { podSettingsOf } from '../test/pod-settings-of.ts';
import type { Volume } from './pod.ts';
import { sharedVolume, type SharedVolume } from './shared-volume.ts';

const mi = 1024 ** 2;

function volumeFor(settings: Record<string, string>, volumes: Volume[] = []): SharedVolume {
  return sharedVolume({ spec: { volumes } }, podSettingsOf({ label: 'a', folder: '/a', ...settings }));
}

describe('the volume of the files', () => {
  it('is an emptyDir that the sidecar has whole, and the application by its folders', () => {
    const syncs = { syncs: 'a,b,c', 'a/folder': '/etc/a', 'b/folder': '/b', 'c/folder': '/etc/a', 'c/label': 'other' };

    expect(volumeFor(syncs)).toEqual({
      added: { name: 'sync-sidecar', emptyDir: {} },
      mount: { name: 'sync-sidecar', mountPath: '/sync' },
      folders: [
        {
          folder: '/etc/a',
          path: '/sync/files/0',
          mount: { name: 'sync-sidecar', mountPath: '/etc/a', subPath: 'files/0', readOnly: true },
        },
        {
          folder: '/b',
          path: '/sync/files/1',
          mount: { name: 'sync-sidecar', mountPath: '/b', subPath: 'files/1', readOnly: true },
        },
      ],
      memoryBytes: 0,
    });
  });

  it.each<[Record<string, string>, object, number]>([
    [{}, {}, 0],
    [{ 'volume-size-limit': '1Gi' }, { sizeLimit: '1Gi' }, 0],
    [{ 'volume-medium': 'memory' }, { medium: 'Memory', sizeLimit: '64Mi' }, 64 * mi],
    [{ 'volume-medium': 'Memory', 'volume-size-limit': '16Mi' }, { medium: 'Memory', sizeLimit: '16Mi' }, 16 * mi],
    [{ resource: 'secret' }, { medium: 'Memory', sizeLimit: '64Mi' }, 64 * mi],
    [{ resource: 'both', 'volume-size-limit': '2M' }, { medium: 'Memory', sizeLimit: '2M' }, 2e6],
  ])('is on a disk, or in memory with a limit: %j', (settings, emptyDir, memoryBytes) => {
    expect(volumeFor(settings)).toMatchObject({ added: { name: 'sync-sidecar', emptyDir }, memoryBytes });
    expect(volumeFor(settings).added?.emptyDir).toEqual(emptyDir);
  });

  it('is in memory when one of the syncs brings Secrets', () => {
    const syncs = { syncs: 'a,b', 'b/resource': 'secret', 'b/folder': '/b' };

    expect(volumeFor(syncs).added).toEqual({
      name: 'sync-sidecar',
      emptyDir: { medium: 'Memory', sizeLimit: '64Mi' },
    });
  });

  it.each(['secret/tls', 'a,x/secret/tls'])(
    'is in memory when a Secret is named, whatever the resource is: %s',
    (names) => {
      expect(volumeFor({ 'resource-name': names, resource: 'configmap' }).added?.emptyDir?.medium).toBe('Memory');
    },
  );

  it('is on a disk when no Secret is named, though the resource is both', () => {
    expect(volumeFor({ 'resource-name': 'configmap/a', resource: 'both' }).added?.emptyDir).toEqual({});
  });

  it.each<[Volume, number]>([
    [{ name: 'data' }, 0],
    [{ name: 'data', emptyDir: { sizeLimit: '1Gi' } }, 0],
    [{ name: 'data', emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } }, 16 * mi],
    [{ name: 'data', emptyDir: { medium: 'Memory', sizeLimit: '0.1Ki' } }, 103],
    [{ name: 'data', emptyDir: { medium: 'Memory', sizeLimit: '0' } }, 64 * mi],
    [{ name: 'data', emptyDir: { medium: 'Memory' } }, 64 * mi],
  ])('is a folder of ours in the volume that the pod names: %j', (volume, memoryBytes) => {
    expect(volumeFor({ volume: 'data', folder: '/etc/a' }, [volume])).toEqual({
      added: null,
      mount: { name: 'data', mountPath: '/sync', subPath: 'sync-sidecar' },
      folders: [
        {
          folder: '/etc/a',
          path: '/sync/files/etc/a',
          mount: { name: 'data', mountPath: '/etc/a', subPath: 'sync-sidecar/files/etc/a', readOnly: true },
        },
      ],
      memoryBytes,
    });
  });
});
