import type { Cluster } from '../../test/control-plane/cluster.ts';
import { injectedContainer } from '../../test/product/injected-sidecar.ts';
import type { Pod } from '../../webhook/pod.ts';
import { podFrom, type Example } from './example.ts';
import type { Narrator } from './narrator.ts';
import type { Ledger } from './promises.ts';

/** What the admission scenes work with. */
export interface AdmissionScene {
  cluster: Cluster;
  namespace: string;
  example: Example;
  narrator: Narrator;
  ledger: Ledger;
}

/** The pod that asked has the sidecar, and of the pods that didn't ask none came to the webhook. */
export async function checkInjection(scene: AdmissionScene, pod: Pod, webhookLog: () => string): Promise<void> {
  const plain = await createPod(scene, 'plain', {});
  const reviews = webhookLog()
    .split('\n')
    .filter((line) => line.includes('"reviewed"'));
  const others = reviews.filter((line) => !line.includes('"owner":"ReplicaSet/dashboards'));
  const container = injectedContainer(pod);
  const kind =
    container?.restartPolicy === 'Always' ? 'a native sidecar' : container ? 'an init container' : 'no sidecar';
  const expected = 'the annotated pod has a native sidecar, the other one was admitted, 0 reviews of other pods';
  const fate = plain.code === 0 ? 'admitted' : 'refused';
  const observed = `the annotated pod has ${kind}, the other one was ${fate}, ${others.length} reviews of other pods`;
  scene.ledger.see('injected', { expected, observed });
}

/** A pod with three mistakes is refused with all three, each with what is right. */
export async function showRefusal(scene: AdmissionScene): Promise<void> {
  const { narrator, ledger } = scene;
  const { code, message } = await createPod(scene, 'mistaken', {
    'sync-sidecar.io/inject': 'true',
    'sync-sidecar.io/lable': 'dashboard',
    'sync-sidecar.io/folder': 'dashboards',
    'sync-sidecar.io/method': 'WACH',
  });
  for (const line of message.split(/\n|(?<=settings:) (?=sync-sidecar)|; (?=sync-sidecar)/)) narrator.note(line);
  const named = ['did you mean sync-sidecar.io/label?', 'did you mean WATCH?', 'accepts an absolute path'];
  const expected = answered(named.length, 1);
  const observed = answered(named.filter((text) => message.includes(text)).length, code);
  ledger.see('answers', { expected, observed });
}

function answered(problems: number, code: number | null): string {
  return `${problems} problems named, kubectl's exit code ${code}`;
}

/** With the webhook down: who asked is refused, everybody else is admitted. */
export async function showOutage(scene: AdmissionScene): Promise<void> {
  const { example, narrator, ledger } = scene;
  const outcome = {
    'annotated pod': await createPod(scene, 'asking', example.template.metadata.annotations),
    'pod without our annotations': await createPod(scene, 'not-asking', {}),
    'pod with inject "false"': await createPod(scene, 'opted-out', { 'sync-sidecar.io/inject': 'false' }),
  };
  for (const [who, { code }] of Object.entries(outcome))
    narrator.note(`${who}: ${code === 0 ? 'admitted' : 'refused'}`);
  const admitted = Object.entries(outcome).filter(([, { code }]) => code === 0);
  const expected = 'webhook down: admitted are pod without our annotations, pod with inject "false"';
  const observed = `webhook down: admitted are ${admitted.map(([who]) => who).join(', ')}`;
  ledger.see('required', { expected, observed });
}

async function createPod(
  { cluster, namespace, example }: AdmissionScene,
  name: string,
  annotations: Record<string, string>,
): Promise<{ code: number | null; message: string }> {
  const input = JSON.stringify(podFrom(example.template, name, annotations));
  const { code, stderr } = await cluster.kubectl(['create', '--namespace', namespace, '--filename', '-'], { input });
  return { code, message: stderr.trim() };
}
