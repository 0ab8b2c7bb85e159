import { describe, expect, it } from '@jest/globals';
import { helm, useHelm } from '../packaging/use-helm.ts';
import { cluster, useCluster } from './use-cluster.ts';

useCluster();
useHelm(() => cluster);

describe('helm', () => {
  it('works on the control plane', async () => {
    const namespace = await cluster.createNamespace('helm');

    expect(await helm.helmOutput(['list', '--namespace', namespace, '--output', 'json'])).toBe('[]\n');
  });

  it('is told of by its own words when it fails', async () => {
    await expect(helm.helmOutput(['status', 'nowhere'])).rejects.toThrow(
      'helm status nowhere failed: Error: release: not found',
    );
  });
});
