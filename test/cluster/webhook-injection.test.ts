import { describe, expect, it } from '@jest/globals';
import type { Pod } from '../../webhook/pod.ts';
import { ourAnnotations } from '../pod-settings-of.ts';
import { injectedContainer } from '../product/injected-sidecar.ts';
import { pod } from '../product/test-objects.ts';
import { cluster } from './use-cluster.ts';
import { createNamespace, decisionsIn, useWebhook } from './use-webhook.ts';

useWebhook('injection', () => ({ env: { SIDECAR_IMAGE: 'example.com/sync-sidecar:1' } }));

type StoredPod = Pod & { readonly status: { readonly qosClass: string } };

/** Creates a pod in a new namespace that enforces Pod Security "restricted", and reads it back as the API server stored it. */
async function createPod(
  settings: Record<string, string>,
  spec: Record<string, unknown> = {},
): Promise<{ stored: StoredPod; reviews: (string | undefined)[] }> {
  const namespace = await createNamespace({ 'pod-security.kubernetes.io/enforce': 'restricted' });
  const annotations = ourAnnotations({ inject: 'true', label: 'a', folder: '/etc/a', ...settings });
  await cluster.apply([pod({ name: 'app', annotations, spec })], namespace);
  const stored = await cluster.get<StoredPod>('pod', 'app', '--namespace', namespace);
  const copy = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'copy', annotations }, spec: stored.spec };
  await cluster.apply([copy], namespace);
  return { stored, reviews: decisionsIn(namespace) };
}

/** The first review, the second one, and that of the copy with everything that the API server filled in. */
const injectedOnce = ['injected', 'already-injected', 'already-injected'];

function securityOf(runAsUser?: number): object {
  return {
    runAsNonRoot: true,
    ...(runAsUser !== undefined && { runAsUser }),
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

function container(name: string, more: object = {}): object {
  return { name, image: 'example.com/app:1', securityContext: securityOf(), ...more };
}

describe('the API server takes, and the webhook knows again, a pod', () => {
  it('that says everything that can be said of its injection', async () => {
    const settings = {
      syncs: 'a,b',
      'b/folder': '/etc/b',
      'b/resource': 'secret',
      'image-pull-policy': 'Always',
      'cpu-request': '20m',
      'cpu-limit': '0.5',
      'memory-request': '80Mi',
      'memory-limit': '512Mi',
      'mount-containers': 'app, migrate',
      'volume-medium': 'memory',
      'volume-size-limit': '0.25Gi',
      'run-as-user': '1001',
      'run-as-group': '1002',
      position: 'prepare',
      'req-url': 'http://localhost:3000/reload',
      'req-username-from': 'grafana/user',
      'req-password-from': 'grafana/password',
      'b/url-password-from': 'mirror/password',
      'env-from': 'HTTPS_PROXY=configmap/proxy/https,TOKEN=secret/tokens/ci',
    };
    const spec = {
      initContainers: [container('prepare'), container('migrate')],
      containers: [container('app'), container('logger')],
    };

    const { stored, reviews } = await createPod(settings, spec);

    expect(reviews).toEqual(injectedOnce);
    expect(stored.spec?.initContainers?.map(({ name }) => name)).toEqual(['prepare', 'sync-sidecar', 'migrate']);
    expect(injectedContainer(stored)).toMatchObject({
      imagePullPolicy: 'Always',
      resources: { requests: { cpu: '20m', memory: '80Mi' }, limits: { cpu: '500m', memory: '512Mi' } },
      securityContext: { runAsUser: 1001, runAsGroup: 1002 },
    });
    expect(injectedContainer(stored)?.env?.filter(({ valueFrom }) => valueFrom)).toEqual([
      { name: 'A__REQ_USERNAME', valueFrom: { secretKeyRef: { name: 'grafana', key: 'user' } } },
      { name: 'A__REQ_PASSWORD', valueFrom: { secretKeyRef: { name: 'grafana', key: 'password' } } },
      { name: 'B__REQ_USERNAME', valueFrom: { secretKeyRef: { name: 'grafana', key: 'user' } } },
      { name: 'B__REQ_PASSWORD', valueFrom: { secretKeyRef: { name: 'grafana', key: 'password' } } },
      { name: 'B__URL_PASSWORD', valueFrom: { secretKeyRef: { name: 'mirror', key: 'password' } } },
      { name: 'HTTPS_PROXY', valueFrom: { configMapKeyRef: { name: 'proxy', key: 'https' } } },
      { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'tokens', key: 'ci' } } },
    ]);
    expect(stored.spec?.volumes).toContainEqual({
      name: 'sync-sidecar',
      emptyDir: { medium: 'Memory', sizeLimit: '256Mi' },
    });
    expect(seeing(stored, '/etc/b')).toEqual(['migrate', 'app']);
  });

  it('that has a volume for the files', async () => {
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
    const containers = [container('app', { volumeMounts: [{ name: 'data', mountPath: '/etc' }] })];

    const { stored, reviews } = await createPod({ volume: 'data' }, { volumes, containers });

    expect(reviews).toEqual(injectedOnce);
    expect(stored.spec?.volumes?.map(({ name }) => name)).toEqual(['data', expect.stringMatching(/^kube-api-access-/)]);
    expect(injectedContainer(stored)?.volumeMounts?.[0]).toEqual({
      name: 'data',
      mountPath: '/sync',
      subPath: 'sync-sidecar',
    });
    expect(stored.spec?.containers?.[0]?.volumeMounts).toContainEqual({
      name: 'data',
      mountPath: '/etc/a',
      subPath: 'sync-sidecar/files/etc/a',
      readOnly: true,
    });
  });

  const full = { cpu: '1', memory: '1Gi' };
  const containers = [container('app', { resources: { requests: full, limits: full } })];

  it.each<[string, Record<string, string>, Record<string, unknown>]>([
    ['by its containers', {}, { containers }],
    ['by its containers, and asks for resources', { 'cpu-limit': '200m', 'memory-request': '1Gi' }, { containers }],
    ['by itself', {}, { resources: { requests: full, limits: full } }],
    ['by itself, with limits alone', {}, { resources: { limits: full } }],
    [
      'by itself, with containers that take everything',
      {},
      { resources: { requests: full, limits: full }, containers },
    ],
  ])('that is Guaranteed %s, and stays so', async (_case, settings, spec) => {
    const { stored, reviews } = await createPod({ resource: 'secret', ...settings }, spec);

    expect([stored.status.qosClass, reviews]).toEqual(['Guaranteed', injectedOnce]);
  });

  it('with users of its own', async () => {
    const { reviews } = await createPod({}, { hostUsers: false });

    expect(reviews).toEqual(injectedOnce);
  });

  it('of 60 KB', async () => {
    const env = Array.from({ length: 1000 }, (_, index) => ({ name: `VARIABLE_${index}`, value: 'x'.repeat(30) }));

    const { stored, reviews } = await createPod({}, { containers: [container('app', { env })] });

    expect(JSON.stringify(stored).length).toBeGreaterThan(60_000);
    expect(reviews).toEqual(injectedOnce);
  });
});

/** The containers that mount something at a path. */
function seeing({ spec }: Pod, path: string): string[] {
  const all = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  return all
    .filter(({ volumeMounts = [] }) => volumeMounts.some(({ mountPath }) => mountPath === path))
    .map(({ name }) => name);
}
