import { isDeepStrictEqual } from 'node:util';
import { containerName, markerVariable, tokenVolumeName, volumeName } from './injected-names.ts';
import type { Injection } from './injection.ts';
import { allContainers, type Container, type Pod, type Probe, type Volume } from './pod.ts';

/** What of ours, by name, is in a pod. */
export function findOurs(pod: Pod): { container: Container | undefined; names: string[] } {
  const containers = allContainers(pod).filter(({ name }) => name === containerName);
  const volumes = (pod.spec?.volumes ?? []).filter(({ name }) => [volumeName, tokenVolumeName].includes(name));
  const names = [
    ...containers.map(({ name }) => `the container ${name}`),
    ...volumes.map(({ name }) => `the volume ${name}`),
  ];
  return { container: pod.spec?.initContainers?.find(({ name }) => name === containerName), names };
}

/** The pod as it was before anything of our names was in it. */
export function withoutOurs(pod: Pod): Pod {
  const { containers, initContainers, volumes, ...spec } = pod.spec ?? {};
  const ours = [volumeName, tokenVolumeName];
  const strip = (list: readonly Container[]): Container[] =>
    list
      .filter(({ name }) => name !== containerName)
      .map(({ volumeMounts, ...rest }) =>
        volumeMounts ? { ...rest, volumeMounts: volumeMounts.filter(({ name }) => !ours.includes(name)) } : rest,
      );
  return {
    ...pod,
    spec: {
      ...spec,
      ...(containers && { containers: strip(containers) }),
      ...(initContainers && { initContainers: strip(initContainers) }),
      ...(volumes && { volumes: volumes.filter(({ name }) => !ours.includes(name)) }),
    },
  };
}

/** The port that a sidecar of ours already listens on, so that a second look at the pod means the same one. */
export function portOf(container: Container): number | undefined {
  const value = container.env?.find(({ name }) => name === 'HEALTH_PORT')?.value;
  return value === undefined ? container.ports?.[0]?.containerPort : Number(value);
}

/**
 * Whether a pod already has what an injection would give it. The image may differ, others may have added environment variables and
 * mounts to our container, and the API server its defaults; resources and security context are for other webhooks to change.
 */
export function isComplete(pod: Pod, container: Container, { container: wanted, volumes }: Injection): boolean {
  return hasAllOf(container, wanted) && volumes.every((volume) => hasVolume(pod, volume));
}

function hasAllOf(container: Container, wanted: Container): boolean {
  return (
    (container.env ?? []).some(({ name }) => name === markerVariable) &&
    container.restartPolicy === wanted.restartPolicy &&
    includesAll(container.env, wanted.env) &&
    includesAll(container.volumeMounts, wanted.volumeMounts) &&
    asksTheSame(container.startupProbe, wanted.startupProbe)
  );
}

function includesAll(present: readonly object[] = [], wanted: readonly object[] = []): boolean {
  return wanted.every((item) => present.some((candidate) => isDeepStrictEqual(item, candidate)));
}

function asksTheSame(present: Probe | undefined, wanted: Probe | undefined): boolean {
  const { path, port } = wanted?.httpGet ?? {};
  return present?.httpGet?.path === path && present?.httpGet?.port === port;
}

/** A volume of the name and of the same type; of an emptyDir the medium counts too, as Secrets must not get to a disk. */
function hasVolume({ spec }: Pod, { name, emptyDir }: Volume): boolean {
  const present = spec?.volumes?.find((volume) => volume.name === name);
  if (!present) return false;
  return emptyDir ? present.emptyDir?.medium === emptyDir.medium && present.emptyDir !== undefined : !present.emptyDir;
}
