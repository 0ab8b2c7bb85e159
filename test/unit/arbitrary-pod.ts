import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type { Pod } from '../../webhook/pod.ts';
import { tokenDirectory, withTokens } from './built-in-admission.ts';

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
function ourAnnotations(): Arbitrary<Record<string, string | undefined>> {
  return fc.oneof(
    { arbitrary: askingFor(asking), weight: 7 },
    { arbitrary: askingFor(twoSyncs), weight: 3 },
    { arbitrary: fc.constant({ ...asking, 'sync-sidecar.io/labl': 'a' }), weight: 1 },
    { arbitrary: fc.constant({ ...asking, 'sync-sidecar.io/inject': 'false' }), weight: 1 },
    { arbitrary: fc.constant({ 'sync-sidecar.io/label': 'dashboard' }), weight: 1 },
    { arbitrary: fc.constant({}), weight: 2 },
  );
}

/** Settings that shape an injection, those that not every pod can have among them. */
export const sometimesAsked: Readonly<Record<string, readonly string[]>> = {
  resource: ['secret', 'both'],
  'resource-name': ['secret/tls', 'configmap/a'],
  method: ['LIST'],
  'health-port': ['8080'],
  position: ['first', 'last', 'init-0'],
  'mount-containers': ['app-0', 'app-0,init-0'],
  volume: ['data-0'],
  'volume-medium': ['memory'],
  'volume-size-limit': ['32Mi'],
  image: ['example.com/mirror/sync-sidecar:2'],
  'image-pull-policy': ['Always'],
  'cpu-request': ['20m'],
  'cpu-limit': ['0.5'],
  'memory-request': ['80Mi'],
  'memory-limit': ['512Mi'],
  'run-as-user': ['1337'],
  'run-as-group': ['2000'],
  'req-password-from': ['grafana/password'],
  'env-from': ['HTTPS_PROXY=configmap/proxy/https,TOKEN=secret/tokens/ci'],
};

function askingFor(settings: Record<string, string>): Arbitrary<Record<string, string | undefined>> {
  const values = Object.entries(sometimesAsked).map(
    ([name, texts]) => [`sync-sidecar.io/${name}`, sometimes(...texts)] as const,
  );
  return fc.record(Object.fromEntries(values)).map((chosen) => ({ ...settings, ...chosen }));
}

function metadata(): Arbitrary<object> {
  const foreign = fc.subarray([
    'a.example/x~1',
    'b~/c',
    'cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes',
  ]);
  const annotations = fc
    .record({ ours: ourAnnotations(), foreign, empty: fc.boolean() })
    .map(({ ours, foreign, empty }) => ({ ...Object.fromEntries(foreign.map((key) => [key, '/~'])), ...ours, empty }))
    .map(({ empty, ...all }) => (Object.keys(all).length > 0 || empty ? all : undefined));
  return withUnknown(fc.record({ name: fc.constant('app'), annotations }));
}

function spec(): Arbitrary<object> {
  const fields = {
    containers: fc.array(container(), { minLength: 1, maxLength: 3 }).map((list) => named(list, 'app')),
    initContainers: fc.oneof(
      fc.constant([]),
      fc.array(initContainer(), { maxLength: 4 }).map((list) => named(list, 'init')),
    ),
    volumes: fc.array(withUnknown(volume()), { maxLength: 3 }).map((list) => named(list, 'data')),
    hostNetwork: rarely(true),
    hostUsers: fc.constant(false),
    resources: sometimes({}, { limits: amounts }, { requests: amounts, limits: amounts }, { requests: { cpu: '2' } }),
    os: fc.record({ name: rarely('windows') }, { requiredKeys: [] }),
    securityContext: fc.record(
      { runAsUser: fc.constantFrom(0, 1000), fsGroup: fc.constant(2000) },
      { requiredKeys: [] },
    ),
  };
  return withUnknown(fc.record(fields, { requiredKeys: ['containers'] }));
}

function container(): Arbitrary<object> {
  const fields = {
    ports: fc.array(port(), { maxLength: 2 }),
    volumeMounts: fc.array(withUnknown(fc.constantFrom(...mounts)), { maxLength: 2 }),
    env: fc.array(fc.constant({ name: 'LABEL', value: 'x' }), { maxLength: 1 }),
    resources: fc.constantFrom(
      {},
      ...[{ limits: amounts }, { limits: amounts, requests: amounts }, { requests: amounts }],
    ),
  };
  return withUnknown(fc.record(fields, { requiredKeys: [] }));
}

const amounts = { cpu: '1', memory: '1Gi' };

function volume(): Arbitrary<object> {
  const memory = { emptyDir: { medium: 'Memory' } };
  const claim = { persistentVolumeClaim: { claimName: 'data' } };
  return fc.constantFrom({ emptyDir: {} }, memory, { emptyDir: { ...memory.emptyDir, sizeLimit: '16Mi' } }, claim);
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

function sometimes<T>(...values: T[]): Arbitrary<T | undefined> {
  return fc.oneof(
    { arbitrary: fc.constant(undefined), weight: 8 },
    { arbitrary: fc.constantFrom(...values), weight: 1 },
  );
}

function rarely<T>(...values: T[]): Arbitrary<T | undefined> {
  return fc.oneof(
    { arbitrary: fc.constant(undefined), weight: 30 },
    { arbitrary: fc.constantFrom(...values), weight: 1 },
  );
}

/** Fields of a later version of Kubernetes; anywhere, and of any shape. */
function withUnknown(known: Arbitrary<object>): Arbitrary<object> {
  const value = fc.jsonValue({ maxDepth: 2 });
  const unknown = fc.dictionary(fc.constantFrom('fieldOfTomorrow', 'a/b~c', ''), value, { maxKeys: 1 });
  return fc.record({ known, unknown }).map(({ known, unknown }) => ({ ...unknown, ...known }));
}
