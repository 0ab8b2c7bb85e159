import type { Cluster } from '../../test/control-plane/cluster.ts';

/** The version of a cluster's API server, as v1.36.3. */
export async function versionOf(cluster: Cluster): Promise<string> {
  const output = await cluster.kubectlOutput(['version', '--output', 'json']);
  return (JSON.parse(output) as { serverVersion: { gitVersion: string } }).serverVersion.gitVersion;
}
