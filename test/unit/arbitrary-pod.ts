import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type { Container, Pod } from '../../webhook/pod.ts';

/** Where the kubelet of every container with a token has it. */
const tokenDirectory = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * A pod as it may come to the webhook, most often one that asks for the sidecar: every array absent, empty or filled, and with fields
 * that nobody knows yet.
 */
export function arbitraryPod(): Arbitrary<Pod> {
  return fc.record({ metadata: metadata(), spec: spec(), automount: fc.boolean() }).map(({ automount, ...object }) => {
    // Through JSON, as it comes: what is undefined isn't there.
    const pod = JSON.parse(JSON.stringify(object)) as Pod;
    return automount ? withTokens(pod) : pod;
  });
}

/** What the ServiceAccount admission plugin does, before webhooks and again after them: a token for every container without one. */
export function withTokens(pod: Pod): Pod {
  const name = pod.spec?.volumes?.find((volume) => volume.name.startsWith('kube-api-access-'))?.name;
  const mount = { name: name ?? 'kube-api-access-x7k2m', mountPath: tokenDirectory, readOnly: true };
  const mounted = (list: readonly Container[]): Container[] =>
    list.map((container) => {
      const volumeMounts = container.volumeMounts ?? [];
      const hasOne = volumeMounts.some(({ mountPath }) => mountPath === tokenDirectory);
      return hasOne ? container : { ...container, volumeMounts: [...volumeMounts, mount] };
    });
  const { containers, initContainers, volumes = [] } = pod.spec ?? {};
  return {
    ...pod,
    spec: {
      ...pod.spec,
      ...(containers && { containers: mounted(containers) }),
      ...(initContainers && { initContainers: mounted(initContainers) }),
      volumes: name === undefined ? [...volumes, { name: mount.name, projected: { defaultMode: 420 } }] : volumes,
    },
  };
}

const asking = {
  'sync-sidecar.io/inject': 'true',
  'sync-sidecar.io/label': 'dashboard',
  'sync-sidecar.io/folder': '/etc/dashboards',
};

const twoSyncs = {
  'sync-sidecar.io/inject': 'true',
  'sync-sidecar.io/syncs': 'dashboards,alerts',
  'sync-sidecar.io/label': 'a in (b, c)',
  'dashboards.sync-sidecar.io/folder': '/etc/dashboards',
  'dashboards.sync-sidecar.io/resource': 'both',
  'alerts.sync-sidecar.io/folder': '/etc/alerts',
  'alerts.sync-sidecar.io/req-url': 'http://localhost:3000/$(reload)',
};

// Most of them are accepted, as what is refused shows little of the patch.
function ourAnnotations(): Arbitrary<Record<string, string>> {
  return fc.oneof(
    { arbitrary: fc.constant(asking), weight: 3 },
    { arbitrary: fc.constant({ ...asking, 'sync-sidecar.io/resource': 'secret' }), weight: 2 },
    { arbitrary: fc.constant({ ...asking, 'sync-sidecar.io/method': 'LIST' }), weight: 1 },
    { arbitrary: fc.constant({ ...asking, 'sync-sidecar.io/health-port': '8080' }), weight: 2 },
    { arbitrary: fc.constant(twoSyncs), weight: 3 },
    { arbitrary: fc.constant({ ...asking, 'sync-sidecar.io/labl': 'a' }), weight: 1 },
    { arbitrary: fc.constant({ ...asking, 'sync-sidecar.io/inject': 'false' }), weight: 1 },
    { arbitrary: fc.constant({ 'sync-sidecar.io/label': 'dashboard' }), weight: 1 },
    { arbitrary: fc.constant({}), weight: 1 },
  );
}

function metadata(): Arbitrary<object> {
  const foreign = fc.subarray([
    'a.example/x~1',
    'b~/c',
    'cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes',
  ]);
  const annotations = fc
    .record({ ours: ourAnnotations(), foreign })
    .map(({ ours, foreign }) => ({ ...Object.fromEntries(foreign.map((key) => [key, '/~'])), ...ours }));
  return withUnknown(fc.record({ name: fc.constant('app'), annotations }));
}

function spec(): Arbitrary<object> {
  const fields = {
    containers: fc.array(container(), { minLength: 1, maxLength: 3 }).map((list) => named(list, 'app')),
    initContainers: fc.oneof(
      fc.constant([]),
      fc.array(initContainer(), { maxLength: 4 }).map((list) => named(list, 'init')),
    ),
    volumes: fc.array(withUnknown(fc.constant({ emptyDir: {} })), { maxLength: 3 }).map((list) => named(list, 'data')),
    hostNetwork: rarely(true),
    os: fc.record({ name: rarely('windows') }, { requiredKeys: [] }),
    securityContext: fc.record(
      { runAsUser: fc.constantFrom(0, 1000), fsGroup: fc.constant(2000) },
      { requiredKeys: [] },
    ),
  };
  return withUnknown(fc.record(fields, { requiredKeys: ['containers'] }));
}

function container(): Arbitrary<object> {
  const all = { cpu: '1', memory: '1Gi' };
  const fields = {
    ports: fc.array(port(), { maxLength: 2 }),
    volumeMounts: fc.array(withUnknown(fc.constantFrom(...mounts)), { maxLength: 2 }),
    env: fc.array(fc.constant({ name: 'LABEL', value: 'x' }), { maxLength: 1 }),
    resources: fc.constantFrom({}, { limits: all }, { limits: all, requests: all }, { requests: all }),
  };
  return withUnknown(fc.record(fields, { requiredKeys: [] }));
}

function port(): Arbitrary<object> {
  const containerPort = fc.constantFrom(80, 8080, 18080, 18081);
  return fc.record({ containerPort, protocol: fc.constantFrom('TCP', 'UDP') }, { requiredKeys: ['containerPort'] });
}

const mounts = [
  { name: 'data-0', mountPath: '/etc' },
  { name: 'data-0', mountPath: '/data', subPath: 'a' },
  { name: 'own-token', mountPath: tokenDirectory },
  { name: 'data-1', mountPath: '/etc/dashboards-old/' },
  { name: 'data-1', mountPath: '/etc//alerts/', subPath: 'b' },
];

/** Native sidecars among them, and proxies of meshes, as native sidecars and as ordinary init containers. */
function initContainer(): Arbitrary<object> {
  const proxy = fc.record(
    { name: fc.constantFrom('istio-proxy', 'linkerd-proxy', 'istio-init'), restartPolicy: fc.constant('Always') },
    { requiredKeys: ['name'] },
  );
  const native = container().map((fields) => ({ ...fields, restartPolicy: 'Always' }));
  return fc.oneof(container(), native, proxy);
}

/** Names for those that have none; of two of the same name only the first stays. */
function named(list: readonly object[], prefix: string): object[] {
  const all = list.map((item, index) => ({ name: `${prefix}-${index}`, ...item }));
  return all.filter(({ name }, index) => all.findIndex((other) => other.name === name) === index);
}

function rarely<T>(value: T): Arbitrary<T | undefined> {
  return fc.oneof({ arbitrary: fc.constant(undefined), weight: 30 }, { arbitrary: fc.constant(value), weight: 1 });
}

/** Fields of a later version of Kubernetes; anywhere, and of any shape. */
function withUnknown(known: Arbitrary<object>): Arbitrary<object> {
  const value = fc.jsonValue({ maxDepth: 2 });
  const unknown = fc.dictionary(fc.constantFrom('fieldOfTomorrow', 'a/b~c', ''), value, { maxKeys: 1 });
  return fc.record({ known, unknown }).map(({ known, unknown }) => ({ ...unknown, ...known }));
}
