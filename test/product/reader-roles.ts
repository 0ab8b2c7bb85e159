import { join } from 'node:path';
import type { Cluster } from '../control-plane/cluster.ts';

const file = join(import.meta.dirname, '../../manifests/base/reader-roles.yaml');

/**
 * Gives the cluster the ClusterRoles that examples bind. By server-side apply, so that several test files can do it at once, and that a dry
 * run of one finds no annotation of `kubectl apply` on what is there, of which kubectl would warn.
 */
export async function applyReaderRoles(cluster: Cluster): Promise<void> {
  await cluster.kubectlOutput(['apply', '--server-side', '--filename', file]);
}
