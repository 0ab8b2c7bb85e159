import type { ClusterNode } from '../node/node.ts';
import { startRelay } from '../node/relay.ts';
import { manifestsWithoutPods, type Manifest } from './webhook-manifests.ts';
import { runRegistered, type RegisteredWebhook, type WebhookProgramOptions } from './webhook-program.ts';

const port = 8443;

/**
 * Registers the webhook exactly as `manifests/base` does and runs it as a process in the node's network namespace, where the API
 * server finds it by its Service: there is no kube-proxy, but the API server itself follows EndpointSlices.
 */
export async function startWebhookOnNode(
  node: ClusterNode,
  options: Pick<WebhookProgramOptions, 'folder' | 'env'>,
): Promise<RegisteredWebhook> {
  await node.apply([...(await manifestsWithoutPods()), endpointSlice(node.address)]);
  const namespaces = { network: node.namespaces.network };
  const relay = await startRelay({ networkNamespace: namespaces.network, port, folder: node.folder });
  const url = `https://127.0.0.1:${relay.port}`;
  const webhook = await runRegistered(node.controlPlane, { ...options, port, url, namespaces }).catch(async (error) => {
    await relay.close();
    throw error;
  });
  const stop = async (): Promise<void> => {
    await webhook.stop();
    await relay.close();
  };
  return {
    get program() {
      return webhook.program;
    },
    url,
    stop,
    restart: () => webhook.restart(),
  };
}

/** What the endpoint slice controller would write for a ready pod of the webhook. */
function endpointSlice(address: string): Manifest {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: 'sync-sidecar-webhook-process',
      namespace: 'sync-sidecar',
      labels: { 'kubernetes.io/service-name': 'sync-sidecar-webhook' },
    },
    addressType: 'IPv4',
    ports: [{ name: 'https', port, protocol: 'TCP' }],
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
  };
}
