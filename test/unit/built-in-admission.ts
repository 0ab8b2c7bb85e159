import type { Container, Pod, Probe } from '../../webhook/pod.ts';

/** Where the kubelet of every container with a token has it. */
export const tokenDirectory = '/var/run/secrets/kubernetes.io/serviceaccount';

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

/** The fields that the API server fills in, as far as they are in what we add. */
export function withDefaults({ metadata, spec }: Pod): Pod {
  const filled = (container: Container): Container => withContainerDefaults(container, spec?.hostNetwork ?? false);
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

function withContainerDefaults(container: Container, hostNetwork: boolean): Container {
  const { resources, startupProbe, livenessProbe, ports = [], ...rest } = container;
  return {
    ...{ terminationMessagePath: '/dev/termination-log', imagePullPolicy: 'IfNotPresent' },
    ...rest,
    ...(resources && { resources: { ...resources, requests: { ...resources.limits, ...resources.requests } } }),
    ...(startupProbe && { startupProbe: withProbeDefaults(startupProbe) }),
    ...(livenessProbe && { livenessProbe: withProbeDefaults(livenessProbe) }),
    ports: ports.map((port) => ({
      protocol: 'TCP',
      ...(hostNetwork && { hostPort: port.containerPort }),
      ...port,
    })),
  };
}

function withProbeDefaults({ httpGet, ...probe }: Probe): Probe {
  const defaults = { timeoutSeconds: 1, successThreshold: 1 };
  return { ...defaults, ...probe, ...(httpGet && { httpGet: { ...{ scheme: 'HTTP' }, ...httpGet } }) };
}
