import { createHash } from 'node:crypto';
import type { Cluster } from '../control-plane/cluster.ts';

/** By which the API server trusts the webhook that is installed: digests of what the webhook has written into the cluster. */
export interface Trust {
  /** The CA with its key, and the bundle of CAs. */
  secret: Record<string, string>;
  /** Of the entries of both configurations. */
  caBundles: string[];
}

/** Throws while something of it has not been written. */
export async function readTrust(cluster: Pick<Cluster, 'get'>): Promise<Trust> {
  const secret = ['secret', 'sync-sidecar-ca', '--namespace', 'sync-sidecar'];
  const { data } = await cluster.get<{ data: Trust['secret'] }>(...secret);
  const kinds = ['mutatingwebhookconfiguration', 'validatingwebhookconfiguration'];
  const configurations = await Promise.all(
    kinds.map((kind) => cluster.get<WebhookConfiguration>(kind, 'sync-sidecar')),
  );
  const entries = configurations.flatMap(({ webhooks }) => webhooks);
  return {
    secret: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, digest(value)])),
    caBundles: entries.map(({ clientConfig }) => digest(clientConfig.caBundle)),
  };
}

/** A test that fails prints it, and a private key does not belong there. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

interface WebhookConfiguration {
  webhooks: { clientConfig: { caBundle: string } }[];
}
