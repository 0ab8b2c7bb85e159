import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import type { Container, Pod } from '../../webhook/pod.ts';
import { eventually } from '../eventually.ts';
import { injectedContainer } from '../product/injected-sidecar.ts';
import { asking, pod } from '../product/test-objects.ts';
import { startWebhook } from '../product/webhook-program.ts';
import { missSchedule, workload } from '../product/workloads.ts';
import { cluster, folder } from './use-cluster.ts';
import { createNamespace, decisionsIn, useWebhook, webhook } from './use-webhook.ts';

const configuration = `
apiVersion: sync-sidecar.io/v1alpha1
kind: InjectionConfiguration
defaults:
  log-level: WARN
profiles:
  default: {}
  grafana:
    label: grafana_dashboard
    folder: /var/lib/grafana/dashboards
`;

useWebhook('webhook', () => ({ configuration, env: { SIDECAR_IMAGE: 'example.com/sync-sidecar:1' } }));

async function create(namespace: string, object: object): Promise<{ code: number | null; stderr: string }> {
  return cluster.kubectl(['create', '--namespace', namespace, '--filename', '-'], { input: JSON.stringify(object) });
}

/** Creates a pod and reads it back as the API server stored it. */
async function createPod(namespace: string, object: object): Promise<Pod> {
  await cluster.apply([object], namespace);
  const { metadata } = object as { metadata: { name: string } };
  return cluster.get<Pod>('pod', metadata.name, '--namespace', namespace);
}

describe('an annotated pod', () => {
  it('gets the sidecar, its volume, and the folder in the application', async () => {
    const namespace = await createNamespace();

    const stored = await createPod(namespace, pod({ name: 'app', annotations: asking }));

    const container = injectedContainer(stored);
    expect(container).toMatchObject({
      name: 'sync-sidecar',
      image: 'example.com/sync-sidecar:1',
      restartPolicy: 'Always',
      startupProbe: { httpGet: { path: '/startupz', port: 18080 }, periodSeconds: 1, failureThreshold: 120 },
      livenessProbe: { httpGet: { path: '/livez', port: 18080 }, periodSeconds: 10, failureThreshold: 3 },
    });
    expect(Object.fromEntries(container?.env?.map(({ name, value }) => [name, value]) ?? [])).toEqual({
      STATE_DIR: '/sync/state',
      HEALTH_PORT: '18080',
      HEALTH_REQUIRED: 'true',
      LOG_LEVEL: 'WARN',
      LABEL: 'dashboard',
      FOLDER: '/sync/files/0',
      APP_FOLDER: '/etc/dashboards',
      REQ_SKIP_INIT: 'true',
      URL_ALLOW_PRIVATE: 'false',
      SYNC_SIDECAR_INJECTED: 'd484024c072913cb',
    });
    expect(stored.spec?.volumes).toContainEqual({ name: 'sync-sidecar', emptyDir: {} });
    expect(stored.spec?.containers?.[0]?.volumeMounts).toContainEqual({
      name: 'sync-sidecar',
      mountPath: '/etc/dashboards',
      subPath: 'files/0',
      readOnly: true,
    });
  });

  it('is reviewed a second time, and that patches nothing', async () => {
    const namespace = await createNamespace();

    const stored = await createPod(namespace, pod({ name: 'app', annotations: asking }));

    expect(decisionsIn(namespace)).toEqual(['injected', 'already-injected']);
    expect(stored.spec?.initContainers?.map(({ name }) => name)).toEqual(['sync-sidecar']);
  });

  it('can be created again from what the API server stored of it', async () => {
    const namespace = await createNamespace();
    const stored = await createPod(namespace, pod({ name: 'app', annotations: asking }));
    const copy = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'copy', annotations: asking }, spec: stored.spec };

    const copied = await createPod(namespace, copy);

    expect(copied.spec?.initContainers).toEqual(stored.spec?.initContainers);
    expect(decisionsIn(namespace)).toEqual(['injected', 'already-injected', 'already-injected']);
  });

  it('is accepted where Pod Security enforces "restricted"', async () => {
    const namespace = await createNamespace({ 'pod-security.kubernetes.io/enforce': 'restricted' });

    const stored = await createPod(namespace, pod({ name: 'app', annotations: asking }));

    expect(injectedContainer(stored)).toBeDefined();
  });

  it('gets the token from admission where tokens are mounted', async () => {
    const namespace = await createNamespace();

    const stored = await createPod(namespace, pod({ name: 'app', annotations: asking }));

    expect(tokenMounts(injectedContainer(stored))).toEqual([expect.stringMatching(/^kube-api-access-/)]);
    expect(stored.spec?.volumes?.filter(({ projected }) => projected)).toHaveLength(1);
  });

  it.each(['pod', 'ServiceAccount'])(
    'gives the token to the sidecar alone where the %s turns automounting off',
    async (where) => {
      const namespace = await createNamespace();
      if (where === 'ServiceAccount') {
        const patch = ['--type=merge', '--patch', '{"automountServiceAccountToken":false}'];
        await cluster.kubectlOutput(['patch', 'serviceaccount', 'default', '--namespace', namespace, ...patch]);
      }
      const spec = where === 'pod' ? { automountServiceAccountToken: false } : {};

      const stored = await createPod(namespace, pod({ name: 'app', annotations: asking, spec }));

      expect(tokenMounts(injectedContainer(stored))).toEqual(['sync-sidecar-token']);
      expect(tokenMounts(stored.spec?.containers?.[0])).toEqual([]);
    },
  );
});

function tokenMounts(container: Container | undefined): string[] {
  const mounts = container?.volumeMounts ?? [];
  return mounts.filter(({ mountPath }) => mountPath.includes('/serviceaccount')).map(({ name }) => name);
}

describe('workloads and namespaces', () => {
  it.each([
    { kind: 'Deployment', count: 2 },
    { kind: 'StatefulSet', count: 2 },
    { kind: 'Job', count: 1 },
    { kind: 'CronJob', count: 1 },
  ] as const)('injects every pod of a $kind with an annotated template', async ({ kind, count }) => {
    const namespace = await createNamespace();
    await cluster.apply([workload(kind, { name: 'app', pods: asking })], namespace);
    if (kind === 'CronJob') await missSchedule(cluster, namespace, 'app');

    const pods = await eventually(
      async () => {
        const { items } = await cluster.get<{ items: Pod[] }>('pods', '--namespace', namespace);
        return items.length === count && items;
      },
      { timeoutMs: 15_000 },
    );

    expect(pods.map((stored) => injectedContainer(stored)?.restartPolicy)).toEqual(pods.map(() => 'Always'));
  });

  it('never sends us a pod without our annotations, annotations map or not', async () => {
    const namespace = await createNamespace();

    await createPod(namespace, pod({ name: 'no-map' }));
    await createPod(namespace, pod({ name: 'foreign', annotations: { 'example.com/inject': 'true' } }));
    await createPod(
      namespace,
      pod({ name: 'opted-out', annotations: { ...asking, 'sync-sidecar.io/inject': 'False' } }),
    );

    expect(decisionsIn(namespace)).toEqual([]);
  });

  it.each(['false', 'False', 'FALSE'])('never sends us a pod of a namespace whose label says %s', async (label) => {
    const namespace = await createNamespace({ 'sync-sidecar.io/inject': label });

    await createPod(namespace, pod({ name: 'app' }));

    expect(decisionsIn(namespace)).toEqual([]);
  });

  it('injects all pods of a namespace whose label names a profile, but those that opt out', async () => {
    const namespace = await createNamespace({ 'sync-sidecar.io/inject': 'grafana' });

    const plain = await createPod(namespace, pod({ name: 'plain' }));
    const own = await createPod(namespace, pod({ name: 'own', annotations: { 'sync-sidecar.io/label': 'mine' } }));
    const out = await createPod(namespace, pod({ name: 'out', annotations: { 'sync-sidecar.io/inject': 'false' } }));

    expect([plain, own, out].map((stored) => variable(stored, 'LABEL'))).toEqual([
      'grafana_dashboard',
      'mine',
      undefined,
    ]);
    expect(variable(own, 'APP_FOLDER')).toBe('/var/lib/grafana/dashboards');
  });

  it('refuses the pods of a namespace whose label names no profile', async () => {
    const namespace = await createNamespace({ 'sync-sidecar.io/inject': 'grafanna' });

    const { code, stderr } = await create(namespace, pod({ name: 'app' }));

    expect(code).toBe(1);
    expect(stderr).toContain(
      'label sync-sidecar.io/inject of the namespace="grafanna": there is no such profile; accepts default, grafana; did you mean grafana?',
    );
  });

  it('leaves a pod with settings but without inject as it is', async () => {
    const namespace = await createNamespace();

    const stored = await createPod(
      namespace,
      pod({ name: 'app', annotations: { 'sync-sidecar.io/label': 'dashboard' } }),
    );

    expect(stored.spec?.initContainers).toBeUndefined();
    expect(decisionsIn(namespace)).toEqual(['not-asked']);
  });
});

function variable(stored: Pod, name: string): string | undefined {
  return injectedContainer(stored)?.env?.find((candidate) => candidate.name === name)?.value;
}

describe('bad input', () => {
  it('is refused with every problem, what is accepted and the nearest name, and kubectl shows it', async () => {
    const namespace = await createNamespace();
    const annotations = {
      'sync-sidecar.io/inject': 'true',
      'sync-sidecar.io/lable': 'dashboard',
      'sync-sidecar.io/method': 'WACH',
      'sync-sidecar.io/resource': 'pods',
    };

    const { code, stderr } = await create(namespace, pod({ name: 'app', annotations }));

    expect(code).toBe(1);
    const [, problems = ''] = stderr.trim().split(' denied the request: 4 problems with the settings: ');
    expect(problems.split(/; (?=sync-sidecar)/).sort()).toEqual([
      'sync-sidecar.io/folder: is required and not set; accepts an absolute path, such as /etc/dashboards',
      'sync-sidecar.io/lable: is no setting; did you mean sync-sidecar.io/label?',
      'sync-sidecar.io/method="WACH": is not accepted; accepts WATCH, LIST or SLEEP; did you mean WATCH?',
      'sync-sidecar.io/resource="pods": is not accepted; accepts configmap, secret or both',
    ]);
    expect(decisionsIn(namespace)).toEqual(['invalid-settings']);
  });

  it('shows up as an event where a controller creates the pods', async () => {
    const namespace = await createNamespace();
    const annotations = { ...asking, 'sync-sidecar.io/method': 'WACH' };
    await cluster.apply([workload('Deployment', { pods: annotations })], namespace);

    const message = await eventually(
      async () => {
        const { items } = await cluster.get<{ items: { reason: string; message: string }[] }>(
          'events',
          '--namespace',
          namespace,
        );
        return items.find(({ reason }) => reason === 'FailedCreate')?.message;
      },
      { timeoutMs: 15_000 },
    );

    expect(message).toContain('did you mean WATCH?');
  });

  it('that is no AdmissionReview gets 400 and a reason', async () => {
    const answer = await post(webhook.url, { kind: 'Pod' });

    expect(answer).toEqual({
      status: 400,
      body: { error: expect.stringContaining('no AdmissionReview: kind is "Pod"') },
    });
  });
});

it('a webhook that was told to end still answers the reviews that come, as one that is not ready, and then ends in order', async () => {
  const delayed = await startWebhook(cluster, {
    folder: folder.path,
    suffix: '-shutdown-test',
    namespaceLabels: { 'shutdown-test': '' },
    // For two requests, however busy the machine is.
    env: { SHUTDOWN_DELAY: '3s' },
  });
  const { program, url } = delayed;
  const object = pod({ name: 'app', annotations: asking });
  const kind = { group: '', version: 'v1', kind: 'Pod' };
  const review = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: 'late', kind, namespace: 'default', operation: 'CREATE', object },
  };

  const ended = program.stop();
  await eventually(() => program.log().includes('shutting down'), { timeoutMs: 2000, intervalMs: 10 });

  expect(await get(`${url}/readyz`)).toEqual({ status: 503, body: 'shutting down' });
  expect(await post(url, review)).toMatchObject({ status: 200, body: { response: { uid: 'late', allowed: true } } });
  expect(await ended).toEqual({ code: 0, signal: null });
});

/** Sends a body to be reviewed. */
async function post(url: string, review: object): Promise<{ status: number | undefined; body: unknown }> {
  const headers = { 'content-type': 'application/json' };
  const { status, body } = await ask(`${url}/mutate`, { method: 'POST', headers }, JSON.stringify(review));
  return { status, body: JSON.parse(body) as unknown };
}

async function get(url: string): Promise<{ status: number | undefined; body: string }> {
  return ask(url, { method: 'GET' });
}

async function ask(
  url: string,
  options: https.RequestOptions,
  body?: string,
): Promise<{ status: number | undefined; body: string }> {
  const sent = https.request(url, { ...options, rejectUnauthorized: false, agent: false }).end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode, body: await text(response) };
}
