import type { Cluster } from '../control-plane/cluster.ts';
import { findFreePort } from '../control-plane/free-port.ts';
import type { Program } from './program.ts';
import { writeServiceAccountKubeconfig } from './service-account-kubeconfig.ts';
import { startReadyWebhook } from './webhook-program.ts';

export interface InstalledWebhookOptions {
  /** That it is installed in. */
  namespace: string;
  /** For its kubeconfig; the caller removes it. */
  folder: string;
}

interface Deployment {
  spec: {
    template: {
      spec: {
        serviceAccountName: string;
        containers: { env: { name: string; value: string }[] }[];
      };
    };
  };
}

/**
 * Runs the webhook that is installed in a cluster without nodes as a process: with the environment of its Deployment and the rights of
 * its ServiceAccount. Resolves when it is ready.
 */
export async function startInstalledWebhook(cluster: Cluster, options: InstalledWebhookOptions): Promise<Program> {
  const { namespace, folder } = options;
  const inNamespace = ['deployment', 'sync-sidecar-webhook', '--namespace', namespace];
  const { spec } = (await cluster.get<Deployment>(...inNamespace)).spec.template;
  const account = { namespace, name: spec.serviceAccountName };
  const port = await findFreePort('127.0.0.1', Math.random);
  const env = {
    ...Object.fromEntries(spec.containers.flatMap(({ env }) => env.map(({ name, value }) => [name, value] as const))),
    KUBECONFIG: await writeServiceAccountKubeconfig(cluster, account, `${folder}/${namespace}.kubeconfig`),
    PORT: String(port),
    // What only a pod has: a port of its own, the file of the ConfigMap, and requests that are still on their way.
    METRICS_PORT: '0',
    CONFIG_FILE: '',
    SHUTDOWN_DELAY: '0s',
  };
  return startReadyWebhook({ env, home: folder }, `https://127.0.0.1:${port}`);
}
