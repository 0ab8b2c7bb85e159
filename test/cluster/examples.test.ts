import { beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import type { Cluster } from '../control-plane/cluster.ts';
import { readManifests, type Manifest } from '../product/webhook-manifests.ts';
import { connectCluster } from './cluster.ts';

const folder = join(import.meta.dirname, '../../manifests/examples');
let cluster: Cluster;

beforeAll(async () => {
  cluster = await connectCluster();
});

describe.each([
  ['annotated-deployment.yaml', 'baseline'],
  ['manual-sidecar.yaml', 'restricted'],
])('the example %s', (file, podSecurity) => {
  it(`is accepted, and so are its pods where Pod Security enforces "${podSecurity}"`, async () => {
    const namespace = await cluster.createNamespace('example', { 'pod-security.kubernetes.io/enforce': podSecurity });
    const manifests = await readManifests(join(folder, file));
    const create = (objects: readonly object[]): Promise<string> =>
      cluster.kubectlOutput(['create', '--namespace', namespace, '--output', 'name', '--filename', '-'], {
        input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
      });

    const created = await create(manifests);

    expect(created.trim().split('\n')).toHaveLength(manifests.length);
    expect(await create(manifests.flatMap(podOf))).toBe('pod/of-the-example\n');
  });
});

/** A pod as the Deployment's controller would create it. */
function podOf({ kind, spec }: Manifest): object[] {
  if (kind !== 'Deployment') return [];
  const { template } = spec as { template: { metadata: object; spec: object } };
  const metadata = { ...template.metadata, name: 'of-the-example' };
  return [{ apiVersion: 'v1', kind: 'Pod', ...template, metadata }];
}
