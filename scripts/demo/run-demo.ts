import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { findOrBuildBinaries } from '../../test/control-plane/binaries.ts';
import { startControlPlane, type ControlPlane } from '../../test/control-plane/control-plane.ts';
import { findFreePort } from '../../test/control-plane/free-port.ts';
import type { OnProgress } from '../../test/control-plane/progress.ts';
import { injectedContainer, localEnvironment, startInjectedSidecar } from '../../test/product/injected-sidecar.ts';
import { startNotificationReceiver, type NotificationReceiver } from '../../test/product/notification-receiver.ts';
import type { Program } from '../../test/product/program.ts';
import { writeServiceAccountKubeconfig } from '../../test/product/service-account-kubeconfig.ts';
import { startWebhook, type RegisteredWebhook } from '../../test/product/webhook-program.ts';
import type { Container } from '../../webhook/pod.ts';
import { checkInjection, showOutage, showRefusal, type AdmissionStage } from './admission.ts';
import { readWhileRewritten } from './atomicity.ts';
import { changes, makeChange, secretContent, welcome, welcomeFiles, type Stage } from './changes.ts';
import { openObjects, type Objects } from './cluster-objects.ts';
import { exampleFile, podWithoutInjection, readExample, waitForPod } from './example.ts';
import { readTree } from '../../test/product/folder-tree.ts';
import type { Narrator } from './narrator.ts';
import { printPodDiff } from './pod-diff.ts';
import { Ledger, type Verdict } from './promises.ts';

export interface DemoOptions {
  env: NodeJS.ProcessEnv;
  narrator: Narrator;
  onProgress: OnProgress;
  /** Called when a long step has ended and its progress line can be left. */
  endProgress: () => void;
  /** Since the demo began. */
  elapsedMs: () => number;
  signal: AbortSignal;
  /** Leaves all running until the signal, for the reader to look around. */
  keep: boolean;
  /** Breaks the product on purpose: the demo must notice. */
  broken: 'patch' | 'sidecar' | undefined;
}

/** Shows the main job on a real control plane; answers what was seen of the promises. */
export async function runDemo(options: DemoOptions): Promise<Verdict> {
  await using stack = new AsyncDisposableStack();
  const { narrator, signal } = options;
  const ledger = new Ledger();
  narrator.title('A control plane of its own');
  const cluster = await startCluster(options, stack);
  const namespace = await cluster.createNamespace('demo');
  const receiver = await startNotificationReceiver();
  stack.defer(() => receiver.close());
  const objects = openObjects(cluster, namespace);
  stack.defer(() => objects.close());

  narrator.title('The webhook');
  const webhook = await startWebhook(cluster, { folder: cluster.directory });
  stack.defer(() => webhook.stop());
  narrator.note(`serves ${webhook.url}; registered as manifests/base does, with this URL in place of the Service`);
  if (options.broken === 'patch')
    await cluster.kubectlOutput(['delete', 'mutatingwebhookconfiguration', 'sync-sidecar']);

  const scene = { ...options, cluster, namespace, receiver, objects, webhook, ledger };
  await play(scene, stack);
  signal.throwIfAborted();

  narrator.title('What was promised, and what was seen');
  const verdict = ledger.tell(narrator, options.elapsedMs());
  if (options.keep) await keepRunning(scene);
  return verdict;
}

interface Scene extends DemoOptions {
  cluster: ControlPlane;
  namespace: string;
  receiver: NotificationReceiver;
  objects: Objects;
  webhook: RegisteredWebhook;
  ledger: Ledger;
}

async function startCluster(options: DemoOptions, stack: AsyncDisposableStack): Promise<ControlPlane> {
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

async function play(scene: Scene, stack: AsyncDisposableStack): Promise<void> {
  const { namespace, narrator, ledger, receiver, cluster, objects, signal, keep } = scene;
  const healthPort = await findFreePort('127.0.0.1', Math.random);
  const example = await readExample({
    'sync-sidecar.io/req-url': receiver.url,
    'sync-sidecar.io/health-port': String(healthPort),
  });
  narrator.title(`An annotated Deployment: ${exampleFile}`);
  narrator.note(`with ports of this machine: req-url ${receiver.url}, health-port ${healthPort}`);
  await objects.create(welcome);
  await cluster.apply(example.manifests, namespace);
  const pod = await waitForPod(cluster, namespace, signal);
  narrator.line('  what the webhook added to its pod:\n');
  printPodDiff(await podWithoutInjection(cluster, namespace, example), pod, narrator);

  const admission: AdmissionStage = { cluster, namespace, example, narrator, ledger };
  await checkInjection(admission, pod, () => scene.webhook.program.log());
  const container = injectedContainer(pod);
  if (!container) return;
  const stage = await startSidecar({ ...scene, container, serviceAccount: example.serviceAccount }, stack);
  const converged = stage !== null && (await playChanges(stage, scene));
  narrator.title('Mistakes get one answer');
  await showRefusal(admission);
  // Who never had the Secret can't have told it.
  if (converged) checkSecrets(scene, stage.sidecar);
  narrator.title('The webhook is down');
  await scene.webhook.program.stop();
  await showOutage(admission);
  if (keep) await scene.webhook.restart();
}

interface SidecarScene extends Scene {
  container: Container;
  serviceAccount: string;
}

async function startSidecar(
  { container, serviceAccount, ...scene }: SidecarScene,
  stack: AsyncDisposableStack,
): Promise<(Stage & { sidecar: Program }) | null> {
  const { cluster, namespace, narrator, ledger } = scene;
  narrator.title("The injected container's program");
  narrator.note('There is no kubelet here, so that it runs as a process of this machine: with exactly the');
  narrator.note('environment that the patch gave it, but for the root of /sync and the way to the API server');
  narrator.note("(a token of the pod's ServiceAccount):");
  const account = { namespace, name: serviceAccount };
  const kubeconfig = await writeServiceAccountKubeconfig(cluster, account, join(cluster.directory, 'pod.kubeconfig'));
  const root = join(cluster.directory, 'sync');
  await mkdir(root);
  const environment = localEnvironment(container, root, kubeconfig);
  for (const [name, value] of Object.entries(environment.env)) {
    narrator.line(`    ${name}=${value}${name in environment.replaced ? '   (replaced)' : ''}`);
  }
  const folder = join(root, 'files/0');
  try {
    const start = performance.now();
    const sidecar = await startInjectedSidecar(container, environment, cluster.directory);
    stack.defer(async () => void (await sidecar.stop()));
    narrator.note(`its startup probe answered 200 after ${Math.round(performance.now() - start)} ms`);
    ledger.see('startup', { expected: JSON.stringify(welcomeFiles), observed: JSON.stringify(readTree(folder)) });
    if (scene.broken === 'sidecar') await sidecar.kill();
    return { ...scene, folder, sidecar };
  } catch (error) {
    ledger.fail('startup', error);
    return null;
  }
}

/** Answers whether the files were right after all of the changes. */
async function playChanges(stage: Stage, { narrator, ledger }: Scene): Promise<boolean> {
  narrator.title('Changes in the cluster');
  let converged = 0;
  const requests: number[] = [];
  for (const change of changes) {
    const { observed, notifications } = await makeChange(change, stage);
    requests.push(notifications);
    if (!isDeepStrictEqual(observed, change.files)) break;
    converged++;
  }
  ledger.see('convergence', {
    expected: `${changes.length} of ${changes.length} changes in the files`,
    observed: `${converged} of ${changes.length} changes in the files`,
  });
  ledger.see('notification', {
    expected: `1 to ${mostRequests} requests after each of ${changes.length} changes, of which one had 20 objects`,
    observed: `requests per change: ${requests.join(', ')}`,
    holds: requests.length === changes.length && requests.every((count) => count >= 1 && count <= mostRequests),
  });
  if (converged < changes.length) return false;
  await playReader(stage, ledger);
  return true;
}

// A burst must not storm the application; three requests are far from twenty.
const mostRequests = 3;

async function playReader(stage: Stage, ledger: Ledger): Promise<void> {
  const rewrites = 40;
  stage.narrator.title(`A reader while a file is rewritten ${rewrites} times`);
  const { reads, partial, versions } = await readWhileRewritten(stage, rewrites);
  stage.signal.throwIfAborted();
  const observed = `${versions} of ${rewrites} versions in ${reads} reads, ${partial} partial reads`;
  stage.narrator.note(`${observed} (a version may come and go between two reads)`);
  const expected = `several of ${rewrites} versions, 0 partial reads`;
  ledger.see('atomic', { expected, observed, holds: versions > 1 && partial === 0 });
}

function checkSecrets({ ledger, webhook }: Scene, sidecar: Program): void {
  const logs = `${webhook.program.log()}${sidecar.log()}`;
  const forms = [secretContent, Buffer.from(secretContent).toString('base64')];
  const found = forms.filter((form) => logs.includes(form)).length;
  const expected = '0 of its 2 forms (plain, base64) in the logs';
  ledger.see('secrets', { expected, observed: `${found} of its ${forms.length} forms (plain, base64) in the logs` });
}

async function keepRunning({ cluster, namespace, narrator, signal }: Scene): Promise<void> {
  narrator.title('All of it keeps running until Ctrl-C');
  narrator.line(`  export KUBECONFIG=${cluster.kubeconfig}`);
  narrator.line(`  alias kubectl=${cluster.kubectlPath}`);
  narrator.line(`  kubectl --namespace ${namespace} create configmap mine --from-literal=mine.json={}`);
  narrator.line(`  kubectl --namespace ${namespace} label configmap mine dashboard=1`);
  narrator.line(`  find ${join(cluster.directory, 'sync/files')} -type f`);
  if (!signal.aborted) await once(signal, 'abort');
}
