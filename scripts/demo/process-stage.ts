import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findOrBuildBinaries } from '../../test/control-plane/binaries.ts';
import { startControlPlane, type ControlPlane } from '../../test/control-plane/control-plane.ts';
import { findFreePort } from '../../test/control-plane/free-port.ts';
import { readTree } from '../../test/product/folder-tree.ts';
import { localEnvironment, startInjectedSidecar, type LocalEnvironment } from '../../test/product/injected-sidecar.ts';
import { startNotificationReceiver } from '../../test/product/notification-receiver.ts';
import { writeServiceAccountKubeconfig } from '../../test/product/service-account-kubeconfig.ts';
import { startWebhook } from '../../test/product/webhook-program.ts';
import type { Container } from '../../webhook/pod.ts';
import { welcomeFiles, type Notification } from './changes.ts';
import { readExample, type Example } from './example.ts';
import type { Narrator } from './narrator.ts';
import { promisesWithoutNode } from './promises.ts';
import type { OpenStage, RunningApplication, StageOptions } from './stage.ts';

/** A control plane alone: webhook and sidecar are processes of this machine, and the demo itself is the application. */
export const openProcessStage: OpenStage = async (options, stack) => {
  const { narrator } = options;
  narrator.title('A control plane of its own');
  const cluster = await startCluster(options, stack);
  const namespace = await cluster.createNamespace('demo');
  const receiver = await startNotificationReceiver();
  stack.defer(() => receiver.close());

  narrator.title('The webhook');
  const webhook = await startWebhook(cluster, { folder: cluster.directory });
  stack.defer(() => webhook.stop());
  narrator.note(`serves ${webhook.url}; registered as manifests/base does, with this URL in place of the Service`);

  const healthPort = String(await findFreePort('127.0.0.1', Math.random));
  const example = await readExample(({ metadata }) => {
    metadata.annotations['sync-sidecar.io/req-url'] = receiver.url;
    metadata.annotations['sync-sidecar.io/health-port'] = healthPort;
  });
  const { notifications } = receiver;
  return {
    ...{ cluster, namespace, webhook, example, promises: promisesWithoutNode },
    replaced: `with ports of this machine: req-url ${receiver.url}, health-port ${healthPort}`,
    startPod: (_pod, sidecar) => startSidecar(sidecar, { cluster, namespace, example, notifications, narrator, stack }),
    lookAround: () => [`find ${join(cluster.directory, 'sync/files')} -type f`],
  };
};

async function startCluster(options: StageOptions, stack: AsyncDisposableStack): Promise<ControlPlane> {
  const { narrator, onProgress, endProgress, signal } = options;
  // Always its own: a webhook on this machine can't be reached from a foreign API server, and a demo touches nobody's cluster.
  const { KUBECONFIG: _ignored, ...env } = options.env;
  const binaries = await findOrBuildBinaries({ env, onProgress, signal });
  const cluster = await startControlPlane({ binaries, onProgress, signal });
  stack.defer(() => cluster.stop());
  endProgress();
  const { serverVersion } = JSON.parse(await cluster.kubectlOutput(['version', '--output', 'json'])) as {
    serverVersion: { gitVersion: string };
  };
  narrator.note(`Kubernetes ${serverVersion.gitVersion} at ${cluster.server}; a KUBECONFIG of yours is not used`);
  return cluster;
}

interface Neighbours {
  cluster: ControlPlane;
  namespace: string;
  example: Example;
  notifications: readonly Notification[];
  narrator: Narrator;
  stack: AsyncDisposableStack;
}

async function startSidecar(container: Container, neighbours: Neighbours): Promise<RunningApplication> {
  const { cluster, notifications, narrator, stack } = neighbours;
  narrator.title("The injected container's program");
  const root = join(cluster.directory, 'sync');
  await mkdir(root);
  const environment = await tellEnvironment(container, root, neighbours);
  const folder = join(root, 'files/0');
  const start = performance.now();
  const sidecar = await startInjectedSidecar(container, environment, cluster.directory);
  stack.defer(async () => void (await sidecar.stop()));
  narrator.note(`its startup probe answered 200 after ${Math.round(performance.now() - start)} ms`);
  return {
    startup: { expected: JSON.stringify(welcomeFiles), observed: JSON.stringify(readTree(folder)) },
    folder,
    notifications,
    sidecarLog: async () => sidecar.log(),
    breakSidecar: async () => void (await sidecar.kill()),
  };
}

async function tellEnvironment(
  container: Container,
  root: string,
  { cluster, namespace, example, narrator }: Neighbours,
): Promise<LocalEnvironment> {
  narrator.note('There is no kubelet here, so that it runs as a process of this machine: with exactly the');
  narrator.note('environment that the patch gave it, but for the root of /sync and the way to the API server');
  narrator.note("(a token of the pod's ServiceAccount):");
  const account = { namespace, name: example.serviceAccount };
  const kubeconfig = await writeServiceAccountKubeconfig(cluster, account, join(cluster.directory, 'pod.kubeconfig'));
  const environment = localEnvironment(container, root, kubeconfig);
  for (const [name, value] of Object.entries(environment.env)) {
    narrator.line(`    ${name}=${value}${name in environment.replaced ? '   (replaced)' : ''}`);
  }
  return environment;
}
