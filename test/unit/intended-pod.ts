import type { Container, Pod, Volume, VolumeMount } from '../../webhook/pod.ts';

/** The settings of a pod that shape it, as it has them after its profile. */
export interface Asked {
  readonly position?: string | undefined;
  readonly mountContainers?: string | undefined;
  readonly volume?: string | undefined;
  readonly volumeMedium?: string | undefined;
  readonly volumeSizeLimit?: string | undefined;
}

const statusKey = 'sync-sidecar.io/status';
const safeToEvict = 'cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes';

/** What the design asks for, built without a patch. The container's own content has a test of its own. */
export function intendedPod(pod: Pod, sidecar: Container, asked: Asked): Pod {
  const { metadata, spec = {} } = pod;
  const { containers = [], initContainers = [], volumes = [] } = spec;
  const position = intendedPosition(initContainers, asked);
  const mounts = intendedMounts(sidecar, asked);
  const isChosen = (container: Container): boolean =>
    asked.mountContainers === undefined
      ? containers.includes(container) || container.restartPolicy === 'Always' || !mountsAbove(container, mounts)
      : asked.mountContainers.split(',').includes(container.name);
  const mounted = (container: Container): Container =>
    isChosen(container) ? { ...container, volumeMounts: [...(container.volumeMounts ?? []), ...mounts] } : container;
  const added = intendedVolumes(pod, sidecar, asked);
  const eviction = asked.volume === undefined ? { [safeToEvict]: 'sync-sidecar' } : {};
  const annotations = { ...eviction, ...metadata?.annotations, [statusKey]: intendedStatus(sidecar) };
  return {
    ...pod,
    metadata: { ...metadata, annotations },
    spec: {
      ...spec,
      initContainers: [...initContainers.slice(0, position), sidecar, ...initContainers.slice(position).map(mounted)],
      containers: containers.map(mounted),
      ...((spec.volumes ?? added.length > 0) && { volumes: [...volumes, ...added] }),
    },
  };
}

function intendedStatus({ env = [] }: Container): string {
  const syncs = env.find(({ name }) => name === 'SYNCS')?.value?.split(',') ?? ['sync'];
  return JSON.stringify({ reason: 'injected', version: 'from source', profile: 'default', syncs });
}

function intendedPosition(initContainers: readonly Container[], { position = 'first' }: Asked): number {
  if (position === 'last') return initContainers.length;
  if (position !== 'first') return initContainers.findIndex(({ name }) => name === position) + 1;
  const isProxy = ({ name, restartPolicy }: Container): boolean =>
    restartPolicy === 'Always' && ['istio-proxy', 'linkerd-proxy'].includes(name);
  return initContainers.findLastIndex(isProxy) + 1;
}

function intendedMounts({ env = [] }: Container, { volume }: Asked): VolumeMount[] {
  const folders = env.filter(({ name }) => name.endsWith('APP_FOLDER'));
  return folders.map(({ value: mountPath = '' }, index) =>
    volume === undefined
      ? { name: 'sync-sidecar', mountPath, subPath: `files/${index}`, readOnly: true }
      : { name: volume, mountPath, subPath: `sync-sidecar/files${mountPath}`, readOnly: true },
  );
}

function mountsAbove({ volumeMounts = [] }: Container, mounts: readonly VolumeMount[]): boolean {
  return volumeMounts.some(({ mountPath }) => mounts.some((mount) => mount.mountPath.startsWith(`${mountPath}/`)));
}

function intendedVolumes({ spec }: Pod, sidecar: Container, asked: Asked): Volume[] {
  const withToken = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].some(({ volumeMounts = [] }) =>
    volumeMounts.some(({ name }) => name.startsWith('kube-api-access-')),
  );
  return [
    ...(asked.volume === undefined ? [{ name: 'sync-sidecar', emptyDir: intendedEmptyDir(sidecar, asked) }] : []),
    ...(withToken ? [] : [{ name: 'sync-sidecar-token', projected: { sources: tokenSources } }]),
  ];
}

/** Whether a sidecar syncs Secrets: by name of one, or by its resource where none is named. */
export function bringsSecrets({ env = [] }: Container): boolean {
  const values = new Map(env.map(({ name, value = '' }) => [name, value]));
  const prefixes = [...values.keys()].filter((name) => name.endsWith('APP_FOLDER')).map((name) => name.slice(0, -10));
  return prefixes.some((prefix) => {
    const names = values.get(`${prefix}RESOURCE_NAME`);
    if (names?.includes('/')) return names.includes('secret/');
    return (values.get(`${prefix}RESOURCE`) ?? 'configmap') !== 'configmap';
  });
}

function intendedEmptyDir(sidecar: Container, { volumeMedium, volumeSizeLimit }: Asked): object {
  const inMemory = volumeMedium === 'memory' || bringsSecrets(sidecar);
  const sizeLimit = volumeSizeLimit ?? (inMemory ? '64Mi' : undefined);
  return { ...(inMemory && { medium: 'Memory' }), ...(sizeLimit !== undefined && { sizeLimit }) };
}

const tokenSources = [
  { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
  { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
  {
    downwardAPI: {
      items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
    },
  },
];
