import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Pod } from '../../webhook/pod.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { bareEnvironment, runCommand } from '../control-plane/leashed-process.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../control-plane/temporary-folder.ts';
import { eventually } from '../eventually.ts';
import { injectedContainer } from '../product/injected-sidecar.ts';
import { readPlatformPage } from '../product/platform-page.ts';
import { asking, pod } from '../product/test-objects.ts';
import { webhookManifests } from '../product/webhook-manifests.ts';
import { startWebhook, type RegisteredWebhook } from '../product/webhook-program.ts';
import { workload } from '../product/workloads.ts';
import { startOwnControlPlane } from './own-control-plane.ts';

let controlPlane: ControlPlane;
let webhook: RegisteredWebhook;
let folder: TemporaryFolder;
let commands: readonly string[];
let count = 0;

const grafana = `apiVersion: sync-sidecar.io/v1alpha1
kind: InjectionConfiguration
profiles:
  grafana: { label: grafana_dashboard, folder: /dashboards }
`;

beforeAll(async () => {
  ({ commands } = await readPlatformPage());
  controlPlane = await startOwnControlPlane();
  folder = await createTemporaryFolder('sync-sidecar-test-');
  const CONFIG_FILE = `${folder.path}/configuration.yaml`;
  await writeFile(CONFIG_FILE, grafana);
  webhook = await startWebhook(controlPlane, { folder: folder.path, env: { CONFIG_FILE } });
  for (const name of ['shop', 'other']) {
    await controlPlane.kubectlOutput(['create', 'namespace', name]);
    await eventually(() => controlPlane.get('serviceaccount', 'default', '--namespace', name), { timeoutMs: 15_000 });
  }
}, 60_000);

afterAll(async () => {
  await webhook.stop();
  await controlPlane.stop();
  await folder.remove();
});

/** Runs the page's next command as a shell does, and sees to it that it is the one that begins like this. */
async function runNext(begin: string): Promise<void> {
  const [line = '', ...others] = commands;
  expect(line.slice(0, begin.length)).toBe(begin);
  commands = others;
  const { kubectlPath, kubeconfig, home } = controlPlane;
  const env = { ...bareEnvironment(home), KUBECONFIG: kubeconfig, PATH: dirname(kubectlPath) };
  const { code, stderr } = await runCommand({ command: '/bin/sh', args: ['-c', line], env });
  expect([code, stderr]).toEqual([0, '']);
}

/** Tries to create a pod; answers what became of it. */
async function create(namespace: string, annotations?: Record<string, string>): Promise<string> {
  const name = `pod-${++count}`;
  const input = JSON.stringify(pod({ name, ...(annotations && { annotations }) }));
  const args = ['create', '--namespace', namespace, '--filename', '-'];
  const { code, stderr } = await controlPlane.kubectl(args, { input });
  if (code !== 0) return /failed calling webhook "\S+"|ValidatingAdmissionPolicy '\S+'/.exec(stderr)?.[0] ?? stderr;
  const stored = await controlPlane.get<Pod>('pod', name, '--namespace', namespace);
  return injectedContainer(stored) ? 'injected' : 'without a sidecar';
}

/** Webhooks and selectors reach the admission of the API server a moment later. */
async function becomes(expected: string, ...of: Parameters<typeof create>): Promise<void> {
  await eventually(async () => (await create(...of)) === expected, { timeoutMs: 10_000 });
}

const refusedByPolicy = "ValidatingAdmissionPolicy 'sync-sidecar'";
const noneForPods = 'failed calling webhook "pods.sync-sidecar.io"';
const noneForNamespaces = 'failed calling webhook "namespaces.sync-sidecar.io"';

describe('the commands of docs/platform.md, in their order', () => {
  it('let a namespace ask for the sidecar', async () => {
    expect(await create('shop')).toBe('without a sidecar');

    await runNext('kubectl label namespace shop sync-sidecar.io/inject=grafana');

    await becomes('injected', 'shop');
  });

  it('have the webhook asked for the pods of some namespaces alone, and of all again', async () => {
    await runNext('kubectl patch mutatingwebhookconfiguration sync-sidecar --type=json --patch \'[{"op":"add"');

    await becomes(refusedByPolicy, 'other', asking);
    await controlPlane.kubectlOutput(['label', 'namespace', 'shop', 'sync-sidecar-trial=true']);
    await becomes('injected', 'shop', asking);
    expect(await create('other', asking)).toBe(refusedByPolicy);

    await runNext('kubectl patch mutatingwebhookconfiguration sync-sidecar --type=json --patch \'[{"op":"remove"');
    await becomes('injected', 'other', asking);
  });

  it('help a workload without the webhook', async () => {
    await webhook.program.kill();
    await controlPlane.apply([workload('Deployment', { name: 'app', pods: asking })], 'shop');
    expect(await create('shop', asking)).toBe(noneForPods);

    await runNext('kubectl patch deployment app --namespace shop');

    // The others come when the first is ready, which needs a node.
    const created = async (): Promise<Pod[]> => {
      const pods = ['pods', '--namespace', 'shop', '--selector=app=app'];
      return (await controlPlane.get<{ items: Pod[] }>(...pods)).items;
    };
    await eventually(async () => (await created()).length > 0, { timeoutMs: 20_000 });
    expect((await created()).map(injectedContainer)).toEqual([undefined]);
  });

  it('help a namespace', async () => {
    expect(await create('shop')).toBe(noneForNamespaces);

    await runNext('kubectl label namespace shop sync-sidecar.io/inject-');

    await becomes('without a sidecar', 'shop');
  });

  it('help every pod, and undo that', async () => {
    await runNext('kubectl delete validatingadmissionpolicybinding sync-sidecar');
    await runNext('kubectl patch mutatingwebhookconfiguration');
    await becomes('without a sidecar', 'shop', asking);

    await runNext('kubectl patch mutatingwebhookconfiguration');
    await runNext('kubectl apply --filename manifests/base/admission-policy.yaml');
    await becomes(noneForPods, 'shop', asking);
  });

  it('take the webhook out of the cluster, and a running one in again', async () => {
    await runNext('kubectl delete validatingadmissionpolicybinding,mutatingwebhookconfiguration sync-sidecar');
    await becomes('without a sidecar', 'shop', asking);

    const [first, ...others] = commands;
    expect(first).toBe('kubectl apply --filename manifests/base/webhook-configuration.yaml');
    // The same manifest, but with a URL in place of the Service, which needs a node.
    const manifests = await webhookManifests({ url: webhook.url });
    const restarted = webhook.restart();
    await controlPlane.apply(manifests.filter(({ kind }) => kind === 'MutatingWebhookConfiguration'));
    await restarted;
    await becomes('injected', 'shop', asking);
    commands = others;
    await runNext('kubectl apply --filename manifests/base/admission-policy.yaml');
    expect(commands).toEqual([]);
  });
});
