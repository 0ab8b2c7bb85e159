import { isDeepStrictEqual } from 'node:util';
import { containerName, markerVariable, tokenVolumeName, volumeName } from './injected-names.ts';
import type { Injection } from './injection.ts';
import { allContainers, type Container, type Pod, type Volume } from './pod.ts';

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
 * mounts to our container, and the API server its defaults; resources and security context are for other webhooks to change, and
 * so is where a probe asks: Istio turns those of every container to its own agent. A container that came after us has no mounts.
 * https://istio.io/latest/docs/ops/configuration/mesh/app-health-check/
 */
export function isComplete(pod: Pod, container: Container, { container: wanted, volumes, mounts }: Injection): boolean {
  return (
    hasAllOf(container, wanted) &&
    volumes.every((volume) => hasVolume(pod, volume)) &&
    mounts.every((mount) => allContainers(pod).some(({ volumeMounts }) => includesAll(volumeMounts, [mount])))
  );
}

function hasAllOf(container: Container, wanted: Container): boolean {
  return (
    (container.env ?? []).some(({ name }) => name === markerVariable) &&
    container.restartPolicy === wanted.restartPolicy &&
    includesAll(container.env, wanted.env) &&
    includesAll(container.volumeMounts, wanted.volumeMounts) &&
    (container.startupProbe === undefined) === (wanted.startupProbe === undefined)
  );
}

function includesAll(present: readonly object[] = [], wanted: readonly object[] = []): boolean {
  return wanted.every((item) => present.some((candidate) => isDeepStrictEqual(item, candidate)));
}

/** A volume of the name and of the same type; of an emptyDir the medium counts too, as Secrets must not get to a disk. */
function hasVolume({ spec }: Pod, { name, emptyDir }: Volume): boolean {
  const present = spec?.volumes?.find((volume) => volume.name === name);
  if (!emptyDir) return present?.projected !== undefined;
  return present?.emptyDir !== undefined && present.emptyDir.medium === emptyDir.medium;
}
