import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
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
  const verdict = ledger.tell(narrator);
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
  if (stage) await playChanges(stage, scene);
  narrator.title('Mistakes get one answer');
  await showRefusal(admission);
  if (stage) checkSecrets(scene, stage.sidecar);
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
  narrator.note(
    'There is no kubelet here, so that it runs as a process of this machine: with exactly the environment that the',
  );
  narrator.note(
    'patch gave it, but for the root of /sync and the way to the API server (a token of the pod’s ServiceAccount):',
  );
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
    ledger.see('startup', JSON.stringify(welcomeFiles), JSON.stringify(readTree(folder)));
    if (scene.broken === 'sidecar') await sidecar.kill();
    return { ...scene, folder, sidecar };
  } catch (error) {
    ledger.fail('startup', error);
    return null;
  }
}

async function playChanges(stage: Stage, { narrator, ledger }: Scene): Promise<void> {
  narrator.title('Changes in the cluster');
  const tally = { converged: 0, notified: 0 };
  for (const change of changes) {
    const { observed, notifications } = await makeChange(change, stage);
    const wanted = Object.entries(change.files);
    const holds =
      wanted.length === Object.keys(observed).length && wanted.every(([path, text]) => observed[path] === text);
    if (!holds) break;
    tally.converged++;
    // A burst must not storm the application; three requests are far from twenty.
    if (notifications >= 1 && notifications <= 3) tally.notified++;
  }
  ledger.see(
    'convergence',
    `${changes.length} of ${changes.length} changes in the files`,
    `${tally.converged} of ${changes.length} changes in the files`,
  );
  ledger.see(
    'notification',
    `1 to 3 requests after each of ${changes.length} changes, of which one had 20 objects`,
    `1 to 3 requests after each of ${tally.notified} changes, of which one had 20 objects`,
  );
  if (tally.converged < changes.length) return;
  narrator.title('A reader while a file is rewritten 40 times');
  const { reads, partial, versions } = await readWhileRewritten(stage, 40);
  narrator.note(`${reads} reads saw ${versions} versions`);
  ledger.see('atomic', `0 partial reads`, `${partial} partial reads`);
}

function checkSecrets({ ledger, webhook }: Scene, sidecar: Program): void {
  const logs = `${webhook.program.log()}${sidecar.log()}`;
  const forms = [secretContent, Buffer.from(secretContent).toString('base64')];
  const found = forms.filter((form) => logs.includes(form)).length;
  ledger.see('secrets', "the Secret's content 0 times in the logs", `the Secret's content ${found} times in the logs`);
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
