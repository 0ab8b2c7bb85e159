import { once } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import type { Cluster } from '../../test/control-plane/cluster.ts';
import { shellWord } from '../../test/control-plane/shell-word.ts';
import { injectedContainer } from '../../test/product/injected-sidecar.ts';
import type { Container } from '../../webhook/pod.ts';
import { checkInjection, showOutage, showRefusal, type AdmissionScene } from './admission.ts';
import { readWhileRewritten } from './atomicity.ts';
import { changes, makeChange, secretContent, welcome, type ChangeScene } from './changes.ts';
import { openObjects, type Objects } from './cluster-objects.ts';
import { exampleFile, podWithoutInjection, waitForPod, type CreatedPod } from './example.ts';
import { printPodDiff } from './pod-diff.ts';
import { Ledger, type Verdict } from './promises.ts';
import type { OpenStage, RunningApplication, Stage, StageOptions } from './stage.ts';

export interface DemoOptions extends StageOptions {
  openStage: OpenStage;
  /** Since the demo began. */
  elapsedMs: () => number;
  /** Leaves all running until the signal, for the reader to look around. */
  keep: boolean;
  /** Breaks the product on purpose: the demo must notice. */
  broken: 'patch' | 'sidecar' | undefined;
}

/** Shows the main job on a real control plane; answers what was seen of the promises. */
export async function runDemo(options: DemoOptions): Promise<Verdict> {
  await using stack = new AsyncDisposableStack();
  const { narrator, signal } = options;
  const stage = await options.openStage(options, stack);
  const objects = openObjects(stage.cluster, stage.namespace);
  stack.defer(() => objects.close());
  if (options.broken === 'patch') await removeInjection(stage.cluster);

  const ledger = new Ledger(stage.promises);
  const scene = { ...options, ...stage, objects, ledger };
  const pod = await play(scene);
  signal.throwIfAborted();

  narrator.title('What was promised, and what was seen');
  const verdict = ledger.tell(narrator, options.elapsedMs());
  if (options.keep) await keepRunning(scene, stage.lookAround(pod));
  return verdict;
}

/** Without the admission policy too, which would refuse every pod that asks. */
async function removeInjection(cluster: Cluster): Promise<void> {
  const registered = ['mutatingwebhookconfiguration', 'validatingadmissionpolicybinding'];
  await cluster.kubectlOutput(['delete', ...registered.map((kind) => `${kind}/sync-sidecar`)]);
}

interface Scene extends DemoOptions, Stage {
  objects: Objects;
  ledger: Ledger;
}

/** Answers the example's pod. */
async function play(scene: Scene): Promise<CreatedPod> {
  const { namespace, narrator, ledger, cluster, example, keep } = scene;
  const pod = await applyExample(scene);
  const admission: AdmissionScene = { cluster, namespace, example, narrator, ledger };
  await checkInjection(admission, pod, () => scene.webhook.program.log());
  const container = injectedContainer(pod);
  if (!container) return pod;
  const application = await startPod(scene, pod, container);
  const converged = application !== null && (await playChanges({ ...scene, ...application }));
  if (converged) await application.showOnNode?.(ledger);
  narrator.title('Mistakes get one answer');
  await showRefusal(admission);
  // Who never had the Secret can't have told it.
  if (converged) checkSecrets(scene, await application.sidecarLog());
  narrator.title('The webhook is down');
  await scene.webhook.program.stop();
  await showOutage(admission);
  if (keep) await scene.webhook.restart();
  return pod;
}

async function applyExample({ narrator, objects, cluster, namespace, signal, ...stage }: Scene): Promise<CreatedPod> {
  narrator.title(`An annotated Deployment: ${exampleFile}`);
  narrator.note(stage.replaced);
  await objects.create(welcome);
  await cluster.apply(stage.example.manifests, namespace);
  const pod = await waitForPod(cluster, namespace, signal);
  narrator.line('  what the webhook added to its pod:\n');
  printPodDiff(await podWithoutInjection(cluster, namespace, stage.example), pod, narrator);
  return pod;
}

async function startPod(scene: Scene, pod: CreatedPod, container: Container): Promise<RunningApplication | null> {
  try {
    const application = await scene.startPod(pod, container);
    scene.ledger.see('startup', application.startup);
    if (scene.broken === 'sidecar') await application.breakSidecar();
    return application;
  } catch (error) {
    scene.signal.throwIfAborted();
    scene.ledger.fail('startup', error);
    return null;
  }
}

/** Answers whether the files were right after all of the changes. */
async function playChanges(scene: ChangeScene & Scene): Promise<boolean> {
  const { narrator, ledger } = scene;
  narrator.title('Changes in the cluster');
  let converged = 0;
  const requests: number[] = [];
  for (const change of changes) {
    const { observed, notifications } = await makeChange(change, scene);
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
  await playReader(scene);
  return true;
}

// A burst must not storm the application; three requests are far from twenty.
const mostRequests = 3;

async function playReader(scene: ChangeScene & Scene): Promise<void> {
  const rewrites = 40;
  scene.narrator.title(`A reader while a file is rewritten ${rewrites} times`);
  const { reads, partial, versions } = await readWhileRewritten(scene, rewrites);
  scene.signal.throwIfAborted();
  const observed = `${versions} of ${rewrites} versions in ${reads} reads, ${partial} partial reads`;
  scene.narrator.note(`${observed} (a version may come and go between two reads)`);
  const expected = `several of ${rewrites} versions, 0 partial reads`;
  scene.ledger.see('atomic', { expected, observed, holds: versions > 1 && partial === 0 });
}

function checkSecrets({ ledger, webhook }: Scene, sidecarLog: string): void {
  const logs = `${webhook.program.log()}${sidecarLog}`;
  const forms = [secretContent, Buffer.from(secretContent).toString('base64')];
  const found = forms.filter((form) => logs.includes(form)).length;
  const expected = '0 of its 2 forms (plain, base64) in the logs';
  ledger.see('secrets', { expected, observed: `${found} of its ${forms.length} forms (plain, base64) in the logs` });
}

async function keepRunning(scene: Scene, lookAround: readonly string[]): Promise<void> {
  const { cluster, namespace, narrator, signal } = scene;
  narrator.title('All of it keeps running until Ctrl-C');
  narrator.line(`  export KUBECONFIG=${shellWord(cluster.kubeconfig)}`);
  // An alias is read twice: where it is made, and where it is used.
  narrator.line(`  alias kubectl=${shellWord(shellWord(cluster.kubectlPath))}`);
  narrator.line(`  kubectl --namespace ${namespace} create configmap mine --from-literal=mine.json={}`);
  narrator.line(`  kubectl --namespace ${namespace} label configmap mine dashboard=1`);
  for (const command of lookAround) narrator.line(`  ${command}`);
  if (!signal.aborted) await once(signal, 'abort');
}
