import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cluster } from '../control-plane/cluster.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../control-plane/temporary-folder.ts';
import { eventually } from '../eventually.ts';
import { asking, pod } from '../product/test-objects.ts';
import { webhookManifests } from '../product/webhook-manifests.ts';
import { startWebhook, type RegisteredWebhook } from '../product/webhook-program.ts';
import { workload } from '../product/workloads.ts';
import { connectCluster } from './cluster.ts';

const label = 'sync-sidecar.io/inject';
const covered = { 'policy-test': '' };
let cluster: Cluster;
let plain: string;
let optedIn: string;

// The policy as it is shipped, and nobody who injects anything.
beforeAll(async () => {
  cluster = await connectCluster();
  const url = 'https://127.0.0.1:1';
  const shipped = await webhookManifests({ url, suffix: '-policy-test', namespaceLabels: covered });
  await cluster.apply(shipped.filter(({ kind }) => kind.startsWith('ValidatingAdmissionPolicy')));
  plain = await createNamespace();
  optedIn = await createNamespace('grafana');
  // The API server learns of a policy some time after it has stored it.
  await eventually(async () => (await create(plain, pod({ name: 'probe', annotations: asking }))) !== 'admitted', {
    timeoutMs: 20_000,
  });
}, 60_000);

afterAll(async () => {
  await cluster.kubectlOutput(['label', 'namespace', 'kube-system', 'policy-test-']);
});

function createNamespace(inject?: string): Promise<string> {
  return cluster.createNamespace('policy', { ...covered, ...(inject !== undefined && { [label]: inject }) });
}

/** Creates a pod, not to stay; answers 'admitted', or the words of the refusal. */
async function create(namespace: string, object: object): Promise<string> {
  const { code, stderr } = await cluster.kubectl(
    ['create', '--dry-run=server', '--namespace', namespace, '--filename', '-'],
    { input: JSON.stringify(object) },
  );
  return code === 0 ? 'admitted' : stderr.trim();
}

function refusal(asker: string, namespace: string): string {
  return (
    `Error from server (Forbidden): error when creating "STDIN": pods "app" is forbidden: ValidatingAdmissionPolicy 'sync-sidecar-policy-test' with binding 'sync-sidecar-policy-test' denied request: ` +
    `the pod asks for the sync sidecar by ${asker}, but has no init container sync-sidecar with restartPolicy Always (or with METHOD=LIST). ` +
    `Either the webhook is not registered (kubectl get mutatingwebhookconfiguration sync-sidecar), or it leaves out the namespace ${namespace} (its namespaceSelector tells), or another webhook has removed or changed the container. ` +
    `The annotation sync-sidecar.io/inject: "false" lets the pod run without it.`
  );
}

const byAnnotation = 'its annotation sync-sidecar.io/inject';
const byLabel = 'the label sync-sidecar.io/inject of its namespace';

it('the API server finds no fault with the types of its expressions', async () => {
  const status = await eventually(
    async () => {
      const policy = await cluster.get<{ metadata: { generation: number }; status?: { observedGeneration?: number } }>(
        'validatingadmissionpolicy',
        'sync-sidecar-policy-test',
      );
      return policy.status?.observedGeneration === policy.metadata.generation && policy.status;
    },
    { timeoutMs: 20_000 },
  );

  expect(status).toEqual({ observedGeneration: 1, typeChecking: {} });
});

describe('a pod that asks and was given no sidecar', () => {
  it.each(['true', 'True', ' TRUE '])(
    'is refused with the likely reasons when its annotation is %j',
    async (inject) => {
      const object = pod({ name: 'app', annotations: { [label]: inject } });

      expect(await create(plain, object)).toBe(refusal(byAnnotation, plain));
    },
  );

  it.each(['grafana', 'true', 'TRUE', ''])(
    'is refused with the likely reasons when the label of its namespace is %j',
    async (value) => {
      const namespace = await createNamespace(value);

      expect(await create(namespace, pod({ name: 'app' }))).toBe(refusal(byLabel, namespace));
    },
  );

  it('is refused in kube-system too, which the webhook leaves out', async () => {
    await cluster.kubectlOutput(['label', 'namespace', 'kube-system', 'policy-test=']);
    const object = pod({ name: 'app', annotations: asking });

    // The label, too, is known a moment later.
    await eventually(async () => (await create('kube-system', object)) === refusal(byAnnotation, 'kube-system'), {
      timeoutMs: 10_000,
    });
    expect(await create('kube-system', pod({ name: 'app' }))).toBe('admitted');
  });

  it('is refused, of a Deployment, where people look for the reason: in its events', async () => {
    await cluster.apply([workload('Deployment', { pods: asking })], plain);

    const message = await eventually(
      async () => {
        type Events = { items: { reason: string; message: string }[] };
        const { items } = await cluster.get<Events>('events', '--namespace', plain);
        return items.find(({ reason }) => reason === 'FailedCreate')?.message;
      },
      { timeoutMs: 15_000 },
    );

    expect(message).toContain('the pod asks for the sync sidecar by its annotation sync-sidecar.io/inject, but has no');
  });
});

describe('a pod that does not ask is admitted', () => {
  it.each<[string, Record<string, string> | undefined]>([
    ['without annotations', undefined],
    ["with somebody else's annotations", { 'example.com/inject': 'true' }],
    ['with settings alone', { 'sync-sidecar.io/label': 'a' }],
    ['with inject "false"', { [label]: 'false' }],
    ['with an inject that says nothing', { [label]: '' }],
  ])('%s', async (_which, annotations) => {
    expect(await create(plain, pod({ name: 'app', ...(annotations && { annotations }) }))).toBe('admitted');
  });

  it.each(['false', 'False'])('in a namespace whose label is %j', async (value) => {
    expect(await create(await createNamespace(value), pod({ name: 'app' }))).toBe('admitted');
  });

  it.each(['false', ' FALSE '])('in a namespace that asks, with inject %j', async (inject) => {
    expect(await create(optedIn, pod({ name: 'app', annotations: { [label]: inject } }))).toBe('admitted');
  });

  it('however large it is, and is refused for asking however large it is', async () => {
    const env = Array.from({ length: 600 }, (_, index) => ({ name: `VARIABLE_${index}`, value: 'x'.repeat(80) }));
    const containers = [{ name: 'app', image: 'example.com/app:1', env }];
    const initContainers = Array.from({ length: 20 }, (_, index) => ({
      ...containers[0],
      env: [],
      name: `i-${index}`,
    }));
    const large = (annotations: Record<string, string>): object =>
      pod({
        name: 'app',
        annotations: { note: 'x'.repeat(8192), ...annotations },
        spec: { containers, initContainers },
      });
    expect(JSON.stringify(large({})).length).toBeGreaterThan(60 * 1024);

    expect(await create(plain, large({}))).toBe('admitted');
    expect(await create(plain, large(asking))).toBe(refusal(byAnnotation, plain));
  });

  it('as a mirror pod, whatever it says: the kubelet runs it already', async () => {
    const annotations = { ...asking, 'kubernetes.io/config.mirror': 'x' };

    expect(await create(plain, pod({ name: 'app', annotations, spec: { nodeName: 'n' } }))).toBe('admitted');
  });
});

describe('a pod that asks and has a container that could be it', () => {
  const refused = (): string => refusal(byAnnotation, plain);
  const variables = (env: Record<string, string>): object => ({
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
  });

  it.each<[string, object]>([
    ['is a native sidecar', { restartPolicy: 'Always' }],
    ['is a native sidecar, also with METHOD=LIST', { restartPolicy: 'Always', ...variables({ METHOD: 'LIST' }) }],
    ['lists', variables({ LABEL: 'a', METHOD: 'LIST' })],
    ['lists, in other letters', variables({ METHOD: ' list ' })],
    ['lists for each of its syncs', variables({ SYNCS: 'a,b-c', A__METHOD: 'LIST', B_C__METHOD: 'LIST' })],
    ['lists for all of its syncs by default', variables({ SYNCS: 'a,b', METHOD: 'LIST', A__METHOD: 'LIST' })],
    ['lists, and reloads by POST', variables({ METHOD: 'LIST', REQ_METHOD: 'POST' })],
  ])('is admitted when an init container of the name %s', async (_which, more) => {
    expect(await create(plain, withInitContainer(more))).toBe('admitted');
  });

  it.each<[string, object]>([
    ['has no environment', {}],
    ['watches', variables({ METHOD: 'WATCH' })],
    ['watches by default', variables({ LABEL: 'a' })],
    ['watches for one of its syncs', variables({ SYNCS: 'a,b', A__METHOD: 'LIST', B__METHOD: 'WATCH' })],
    ['watches for one of its syncs by default', variables({ SYNCS: 'a,b', A__METHOD: 'LIST' })],
    [
      'watches for one of its syncs against the default',
      variables({ SYNCS: 'a,b', METHOD: 'LIST', B__METHOD: 'WATCH' }),
    ],
    ['sets METHOD for a sync that there is not', variables({ A__METHOD: 'LIST' })],
    [
      'takes METHOD from elsewhere',
      { env: [{ name: 'METHOD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] },
    ],
    [
      'takes SYNCS from elsewhere',
      {
        env: [
          { name: 'SYNCS', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'A__METHOD', value: 'LIST' },
        ],
      },
    ],
  ])('is refused when an init container of the name %s', async (_which, more) => {
    expect(await create(plain, withInitContainer(more))).toBe(refused());
  });

  it("is refused when it is a native sidecar of somebody else's", async () => {
    const initContainers = [{ name: 'istio-proxy', image: 'example.com/proxy:1', restartPolicy: 'Always' }];

    expect(await create(plain, pod({ name: 'app', annotations: asking, spec: { initContainers } }))).toBe(refused());
  });

  it('is refused when it is a container of the application', async () => {
    const containers = [{ name: 'sync-sidecar', image: 'example.com/sync-sidecar:1' }];

    expect(await create(plain, pod({ name: 'app', annotations: asking, spec: { containers } }))).toBe(refused());
  });
});

describe('with the webhook', () => {
  const suffix = '-policy-webhook-test';
  const several = {
    [label]: 'true',
    'sync-sidecar.io/syncs': 'a,b-c',
    'sync-sidecar.io/label': 'x',
    'a.sync-sidecar.io/folder': '/a',
    'b-c.sync-sidecar.io/folder': '/b',
  };
  const listing = { 'sync-sidecar.io/method': 'list' };
  let folder: TemporaryFolder;
  let webhook: RegisteredWebhook;
  let namespace: string;

  beforeAll(async () => {
    folder = await createTemporaryFolder('sync-sidecar-test-');
    const namespaceLabels = { 'policy-webhook-test': '' };
    webhook = await startWebhook(cluster, { folder: folder.path, suffix, namespaceLabels });
    namespace = await cluster.createNamespace('policy-webhook', namespaceLabels);
  }, 60_000);

  afterAll(async () => {
    await webhook.stop();
    await folder.remove();
  });

  it('a pod is admitted with what was injected, and refused once the webhook is registered no more', async () => {
    const outcomeOf = (annotations: Record<string, string>): Promise<string> =>
      create(namespace, pod({ name: 'app', annotations }));

    const asked = [asking, several, { ...asking, ...listing }, { ...several, ...listing }];
    expect(await Promise.all(asked.map(outcomeOf))).toEqual(['admitted', 'admitted', 'admitted', 'admitted']);

    await cluster.kubectlOutput(['delete', 'mutatingwebhookconfiguration', `sync-sidecar${suffix}`]);
    const refused = refusal(byAnnotation, namespace).replaceAll('-policy-test', suffix);
    await eventually(async () => (await outcomeOf(asking)) === refused, { timeoutMs: 10_000 });
  });
});

function withInitContainer(more: object): object {
  const initContainers = [
    { name: 'other', image: 'example.com/other:1' },
    { name: 'sync-sidecar', image: 'example.com/sync-sidecar:1', ...more },
  ];
  return pod({ name: 'app', annotations: asking, spec: { initContainers } });
}
