import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pod } from '../../webhook/pod.ts';
import { eventually } from '../eventually.ts';
import { injectedContainer } from '../product/injected-sidecar.ts';
import { pod } from '../product/test-objects.ts';
import type { TcpProxy } from '../tcp-proxy.ts';
import { cluster } from './use-cluster.ts';
import { startProxy } from './use-proxy.ts';
import { createNamespace, useWebhook, webhook } from './use-webhook.ts';

const configuration = `
apiVersion: sync-sidecar.io/v1alpha1
kind: InjectionConfiguration
profiles:
  one: { label: one, folder: /files }
  two: { label: two, folder: /files }
  platform: { label: three, folder: /files }
policy:
  profiles:
    platform: { namespaces: [platform] }
`;

/** Between the webhook and the API server. */
let proxy: TcpProxy;

useWebhook('namespaces', async () => {
  proxy = await startProxy();
  return { configuration, apiServer: `https://127.0.0.1:${proxy.port}` };
});

afterAll(() => proxy.close());

function namespaceObject(name: string, inject?: string): object {
  const labels = { 'namespaces-test': '', ...(inject !== undefined && { 'sync-sidecar.io/inject': inject }) };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** Creates a pod with these annotations; answers the label that its sidecar selects by, `none` without one, or kubectl's words. */
async function labelOf(namespace: string, name: string, settings: Record<string, string> = {}): Promise<string> {
  const annotations = Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [`sync-sidecar.io/${key}`, value]),
  );
  const input = JSON.stringify(pod({ name, annotations }));
  const { code, stderr } = await cluster.kubectl(['create', '--namespace', namespace, '--filename', '-'], { input });
  if (code !== 0) return stderr.trim();
  const stored = await cluster.get<Pod>('pod', name, '--namespace', namespace);
  return injectedContainer(stored)?.env?.find((variable) => variable.name === 'LABEL')?.value ?? 'none';
}

const deadline = { timeoutMs: 15_000 };
const unique = (): string => `app-${Math.random().toString(36).slice(2)}`;
const own = { label: 'own', folder: '/files' };

describe('a namespace', () => {
  it('asks for the sidecar from the moment that it is there, with all that is applied with it', async () => {
    const name = 'webhook-young';
    // One of its own: that called "default" is made by a controller, in its own time.
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'app', namespace: name } };
    const annotations = { 'sync-sidecar.io/label': 'own' };
    const app = pod({ name: 'app', annotations, spec: { serviceAccountName: 'app' } }) as { metadata: object };

    const object = { ...app, metadata: { ...app.metadata, namespace: name } };
    await cluster.apply([namespaceObject(name, 'one'), account, object]);

    const stored = await cluster.get<Pod>('pod', 'app', '--namespace', name);
    expect(injectedContainer(stored)?.env).toContainEqual({ name: 'LABEL', value: 'own' });
  });

  it('gets another profile by another label, and asks no more without it', async () => {
    const name = await createNamespace({ 'sync-sidecar.io/inject': 'one' });
    expect(await labelOf(name, 'first')).toBe('one');

    await cluster.kubectlOutput(['label', 'namespace', name, '--overwrite', 'sync-sidecar.io/inject=two']);
    await eventually(async () => (await labelOf(name, unique())) === 'two', deadline);
    await cluster.kubectlOutput(['label', 'namespace', name, 'sync-sidecar.io/inject-']);
    await eventually(async () => (await labelOf(name, unique())) === 'none', deadline);
    await eventually(async () => (await labelOf(name, unique(), own)) === 'none', deadline);
  });

  it('counts by the label that it has when it was deleted and is made anew', async () => {
    const name = 'webhook-again';
    const make = async (inject: string): Promise<void> => {
      await cluster.apply([namespaceObject(name, inject)]);
      await eventually(() => cluster.get('serviceaccount', 'default', '--namespace', name), deadline);
    };
    await make('one');
    expect(await labelOf(name, 'app')).toBe('one');
    await cluster.kubectlOutput(['delete', 'pod', 'app', '--namespace', name, '--force']);
    await cluster.kubectlOutput(['delete', 'namespace', name]);
    await make('two');

    expect(await labelOf(name, 'app')).toBe('two');
  });

  it('is refused with the nearest profile that it may use', async () => {
    const name = await createNamespace({ 'sync-sidecar.io/inject': 'tow' });

    expect(await labelOf(name, 'app')).toContain(
      'label sync-sidecar.io/inject of the namespace="tow": there is no such profile; accepts default, one, two; did you mean two?',
    );
  });

  it('may not use a profile that is for others', async () => {
    const name = await createNamespace({ 'sync-sidecar.io/inject': 'platform' });

    expect(await labelOf(name, 'app')).toContain(
      `label sync-sidecar.io/inject of the namespace="platform": is not for the namespace ${name}: policy.profiles.platform.namespaces; accepts default, one, two`,
    );
  });
});

describe('while the API server does not answer the webhook', () => {
  let optedIn: string;
  let other: string;

  beforeAll(async () => {
    optedIn = await createNamespace({ 'sync-sidecar.io/inject': 'one' });
    other = await createNamespace();
    expect(await labelOf(optedIn, 'before')).toBe('one');
    proxy.freeze();
  });

  afterAll(() => proxy.thaw());

  it('decides by what it knows of a namespace', async () => {
    expect(await labelOf(optedIn, 'known')).toBe('one');
    expect(await labelOf(other, 'known', { ...own, inject: 'true' })).toBe('own');
  });

  it('refuses by what it knows of a namespace, within the time of a review', async () => {
    expect(await labelOf(optedIn, 'unknown', { labl: 'own' })).toContain('did you mean sync-sidecar.io/label?');
    expect(webhook.program.log()).toContain('the namespace can not be read: its label counts as it was last seen');
  });

  it('refuses a pod that it would leave alone, within the time of a review, and says why', async () => {
    expect(await labelOf(other, 'unknown', own)).toContain(
      `failed calling webhook "pods.sync-sidecar.io": failed to call webhook: an error on the server ("the labels of the namespace ${other} are not known: ` +
        `cannot get namespaces \\"${other}\\" at the cluster scope: no answer from the API server for 3 s; the webhook's log has it under uid `,
    );
  });
});
