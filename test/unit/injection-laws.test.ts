import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyPatch, getValueByPointer, type Operation } from 'fast-json-patch';
import type { AddOperation } from '../../webhook/admission-review.ts';
import type { Configuration } from '../../webhook/configuration.ts';
import { decide, type Decision } from '../../webhook/decision.ts';
import type { Container, Pod, Volume, VolumeMount } from '../../webhook/pod.ts';
import { arbitraryPod, withTokens } from './arbitrary-pod.ts';

const configuration: Configuration = {
  defaults: {},
  profiles: new Map([['default', { label: 'dashboard', folder: '/etc/dashboards' }]]),
};
const options = { namespace: 'x', configuration, image: 'example.com/sync-sidecar:1' };
const safeToEvict = 'cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes';

// Half a second for each law; 30,000 found no more.
const numRuns = 1000;
const counts: Record<Decision['outcome'], number> = { inject: 0, refuse: 0, admit: 0 };

const cases = fc.record({
  pod: arbitraryPod(),
  namespaceLabel: fc.constantFrom(undefined, 'true', 'default', 'false'),
});

/** Checks a law for every generated pod that is injected. */
function forInjected(law: (pod: Pod, operations: readonly AddOperation[], namespaceLabel?: string) => void): void {
  fc.assert(
    fc.property(cases, ({ pod, namespaceLabel }) => {
      const decision = decide(pod, { ...options, namespaceLabel });
      counts[decision.outcome]++;
      if (decision.outcome === 'inject') law(pod, decision.operations, namespaceLabel);
    }),
    { numRuns },
  );
}

/** Patch and pod as they travel: through JSON. */
function patched(pod: Pod, operations: readonly AddOperation[]): Pod {
  return applyPatch(copyOf(pod), copyOf(operations) as Operation[], true).newDocument;
}

function copyOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

describe('the patch of an injection', () => {
  afterAll(() => {
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const shares = Object.entries(counts).map(
      ([outcome, count]) => [outcome, Math.round((100 * count) / total)] as const,
    );
    process.stdout.write(`generated pods: ${shares.map(([outcome, share]) => `${share} % ${outcome}`).join(', ')}\n`);
    // Fewer would show nothing of a branch.
    for (const [, share] of shares) expect(share).toBeGreaterThanOrEqual(10);
  });

  it('only adds, and changes nothing that was there', () => {
    forInjected((pod, operations) => {
      expect([...new Set(operations.map(({ op }) => op))]).toEqual(['add']);
      // To add a field that is there would replace it: https://datatracker.ietf.org/doc/html/rfc6902#section-4.1
      const fields = operations.filter(({ path }) => !/\/(-|\d+)$/.test(path));
      expect(fields.filter(({ path }) => getValueByPointer(pod, path) !== undefined)).toEqual([]);
      expect(isPartOf(pod, patched(pod, operations))).toBe(true);
    });
  });

  it('gives the intended pod', () => {
    forInjected((pod, operations) => {
      const result = patched(pod, operations);
      const sidecar = result.spec?.initContainers?.find(({ name }) => name === 'sync-sidecar');

      expect(result).toEqual(intendedPod(pod, sidecar!));
    });
  });

  it('leaves the pod that was reviewed as it is', () => {
    forInjected((pod) => {
      const before = copyOf(pod);
      decide(pod, { ...options, namespaceLabel: 'true' });
      expect(pod).toEqual(before);
    });
  });

  it('makes a pod of which a second review says that it is injected', () => {
    forInjected((pod, operations, namespaceLabel) => {
      const second = decide(patched(pod, operations), { ...options, namespaceLabel });
      expect(second).toEqual({ outcome: 'admit', reason: 'already-injected' });
    });
  });

  it('makes a pod of which it says so too after built-in admission and the defaults of the API server', () => {
    forInjected((pod, operations, namespaceLabel) => {
      const hasToken = pod.spec?.volumes?.some(({ name }) => name.startsWith('kube-api-access-')) ?? false;
      const result = patched(pod, operations);
      const admitted = withDefaults(hasToken ? withTokens(result) : result);
      expect(decide(admitted, { ...options, namespaceLabel })).toEqual({
        outcome: 'admit',
        reason: 'already-injected',
      });
    });
  });

  it('makes a pod of which it says so too after other webhooks added to every list', () => {
    const proxy = { name: 'istio-proxy', image: 'proxy', restartPolicy: 'Always', ports: [{ containerPort: 15090 }] };
    forInjected((pod, operations, namespaceLabel) => {
      const { metadata, spec } = patched(pod, operations);
      const more = (list: readonly Container[] = []): Container[] =>
        list.map((container) => ({ ...container, env: [{ name: 'PROXY', value: '' }, ...(container.env ?? [])] }));
      const hasProxy = spec?.initContainers?.some(({ name }) => name === proxy.name) ?? false;
      const others: Pod = {
        ...(metadata && { metadata }),
        spec: {
          ...spec,
          containers: [{ name: 'logger' }, ...more(spec?.containers)],
          initContainers: [...(hasProxy ? [] : [proxy]), ...more(spec?.initContainers)],
          volumes: [{ name: 'certificates', emptyDir: {} }, ...(spec?.volumes ?? [])],
        },
      };
      expect(decide(others, { ...options, namespaceLabel })).toEqual({ outcome: 'admit', reason: 'already-injected' });
    });
  });
});

/** Whether a document is a part of another one: every field with its value, every list in its order. */
function isPartOf(part: unknown, whole: unknown): boolean {
  if (Array.isArray(part)) return Array.isArray(whole) && isSubsequence(part, whole);
  if (!isRecord(part)) return Object.is(part, whole);
  return isRecord(whole) && Object.entries(part).every(([key, value]) => isPartOf(value, whole[key]));
}

function isSubsequence(part: readonly unknown[], whole: readonly unknown[]): boolean {
  let next = 0;
  for (const item of whole) if (next < part.length && isPartOf(part[next], item)) next++;
  return next === part.length;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What the design asks for, built without a patch. The container's own content has a test of its own. */
function intendedPod(pod: Pod, sidecar: Container): Pod {
  const { metadata, spec = {} } = pod;
  const { containers = [], initContainers = [], volumes = [] } = spec;
  const syncs = (sidecar.env ?? []).filter(({ name }) => name.endsWith('APP_FOLDER'));
  const mounts = syncs.map(({ value = '' }, index) => folderMount(value, index));
  const proxies = ['istio-proxy', 'linkerd-proxy'];
  const before = initContainers.findLastIndex(
    ({ name, restartPolicy }) => restartPolicy === 'Always' && proxies.includes(name),
  );
  return {
    ...pod,
    metadata: { ...metadata, annotations: { [safeToEvict]: 'sync-sidecar', ...metadata?.annotations } },
    spec: {
      ...spec,
      initContainers: [
        ...initContainers.slice(0, before + 1),
        sidecar,
        ...initContainers.slice(before + 1).map((container) => withMounts(container, mounts)),
      ],
      containers: containers.map((container) => withMounts(container, mounts)),
      volumes: [...volumes, ...intendedVolumes(pod, sidecar)],
    },
  };
}

function folderMount(mountPath: string, index: number): VolumeMount {
  return { name: 'sync-sidecar', mountPath, subPath: `files/${index}`, readOnly: true };
}

function withMounts(container: Container, mounts: readonly VolumeMount[]): Container {
  return { ...container, volumeMounts: [...(container.volumeMounts ?? []), ...mounts] };
}

function intendedVolumes({ spec }: Pod, sidecar: Container): Volume[] {
  const secrets = sidecar.env?.some(({ name, value }) => name.endsWith('RESOURCE') && value !== 'configmap') ?? false;
  const emptyDir = secrets ? { medium: 'Memory', sizeLimit: '64Mi' } : {};
  const withToken = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].some(({ volumeMounts = [] }) =>
    volumeMounts.some(({ name }) => name.startsWith('kube-api-access-')),
  );
  const sources = [
    { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    {
      downwardAPI: {
        items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
      },
    },
  ];
  const token = { name: 'sync-sidecar-token', projected: { sources } };
  return [{ name: 'sync-sidecar', emptyDir }, ...(withToken ? [] : [token])];
}

/** The fields that the API server fills in, as far as they are in what we add. */
function withDefaults({ metadata, spec }: Pod): Pod {
  const probe = { timeoutSeconds: 1, successThreshold: 1 };
  const filled = ({ resources, startupProbe, livenessProbe, ...container }: Container): Container => ({
    ...{ terminationMessagePath: '/dev/termination-log', imagePullPolicy: 'IfNotPresent' },
    ...container,
    ...(resources && { resources: { ...resources, requests: { ...resources.limits, ...resources.requests } } }),
    ...(startupProbe && { startupProbe: { ...probe, ...startupProbe, httpGet: http(startupProbe) } }),
    ...(livenessProbe && { livenessProbe: { ...probe, ...livenessProbe, httpGet: http(livenessProbe) } }),
    ports: (container.ports ?? []).map((port) => ({
      protocol: 'TCP',
      ...(spec?.hostNetwork && { hostPort: port.containerPort }),
      ...port,
    })),
  });
  const http = ({ httpGet }: { httpGet?: { path?: string; port: number | string } }) => ({
    scheme: 'HTTP',
    port: 80,
    ...httpGet,
  });
  return {
    ...(metadata && { metadata }),
    spec: {
      ...spec,
      containers: spec?.containers?.map(filled) ?? [],
      initContainers: spec?.initContainers?.map(filled) ?? [],
      volumes: (spec?.volumes ?? []).map((volume) =>
        volume.projected ? { ...volume, projected: { ...volume.projected, defaultMode: 420 } } : volume,
      ),
    },
  };
}
