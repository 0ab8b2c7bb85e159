import { writeFile } from 'node:fs/promises';
import type { Cluster } from '../control-plane/cluster.ts';

export interface ServiceAccountName {
  namespace: string;
  name: string;
}

/** Writes a kubeconfig with a token of the ServiceAccount (TokenRequest): a local process then may what a pod of it may. */
export async function writeServiceAccountKubeconfig(
  cluster: Cluster,
  { namespace, name }: ServiceAccountName,
  path: string,
): Promise<string> {
  const token = await cluster.serviceAccountToken(namespace, name);
  const ca = Buffer.from(cluster.ca).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'cluster', cluster: { server: cluster.server, 'certificate-authority-data': ca } }],
    users: [{ name, user: { token } }],
    contexts: [{ name: 'pod', context: { cluster: 'cluster', user: name, namespace } }],
    'current-context': 'pod',
  };
  await writeFile(path, JSON.stringify(config, null, 2), { mode: 0o600 });
  return path;
}
