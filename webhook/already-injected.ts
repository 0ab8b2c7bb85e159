import { isDeepStrictEqual } from 'node:util';
import { containerName, folderInVolume, markerVariable, tokenVolumeName, volumeName } from './injected-names.ts';
import type { Injection } from './injection.ts';
import { allContainers, type Container, type Pod, type Volume, type VolumeMount } from './pod.ts';
import { isSound } from './sound-sidecar.ts';

const ourVolumes = [volumeName, tokenVolumeName];

/** What of ours, by name, is in a pod. */
export function findOurs(pod: Pod): { container: Container | undefined; names: string[] } {
  const containers = allContainers(pod).filter(({ name }) => name === containerName);
  const volumes = (pod.spec?.volumes ?? []).filter(({ name }) => ourVolumes.includes(name));
  const names = [
    ...containers.map(({ name }) => `the container ${name}`),
    ...volumes.map(({ name }) => `the volume ${name}`),
  ];
  return { container: pod.spec?.initContainers?.find(({ name }) => name === containerName), names };
}

/** The pod as it was before anything of our names was in it. */
export function withoutOurs(pod: Pod): Pod {
  const { containers, initContainers, volumes, ...spec } = pod.spec ?? {};
  const strip = (list: readonly Container[]): Container[] =>
    list
      .filter(({ name }) => name !== containerName)
      .map(({ volumeMounts, ...rest }) =>
        volumeMounts ? { ...rest, volumeMounts: volumeMounts.filter((mount) => !isOurs(mount)) } : rest,
      );
  return {
    ...pod,
    spec: {
      ...spec,
      ...(containers && { containers: strip(containers) }),
      ...(initContainers && { initContainers: strip(initContainers) }),
      ...(volumes && { volumes: volumes.filter(({ name }) => !ourVolumes.includes(name)) }),
    },
  };
}

/** A mount of one of our volumes, or of a folder of ours in a volume of the pod. */
function isOurs({ name, subPath = '' }: VolumeMount): boolean {
  return ourVolumes.includes(name) || subPath.startsWith(`${folderInVolume}/files/`);
}

/** The port that a sidecar of ours already listens on, so that a second look at the pod means the same one. */
export function portOf(container: Container): number | undefined {
  const value = container.env?.find(({ name }) => name === 'HEALTH_PORT')?.value;
  return value === undefined ? container.ports?.[0]?.containerPort : Number(value);
}

/**
 * Whether a pod already has what an injection would give it, whoever made it. The image may differ, others may have added environment
 * variables and mounts to our container, and the API server its defaults; resources and security context are for other webhooks to
 * change, and so is where a probe asks: Istio turns those of every container to its own agent. A container that came after us has no
 * mounts, unless it was chosen to. https://istio.io/latest/docs/ops/configuration/mesh/app-health-check/
 */
export function isComplete(pod: Pod, container: Container, injection: Injection): boolean {
  return (
    isSound(pod, container) &&
    hasAllOf(container, injection.container) &&
    injection.volumes.every((volume) => hasVolume(pod, volume)) &&
    hasMounts(pod, injection)
  );
}

function hasAllOf(container: Container, wanted: Container): boolean {
  const isMarker = ({ name }: { name: string }): boolean => name === markerVariable;
  return (
    (container.env ?? []).some(isMarker) &&
    container.restartPolicy === wanted.restartPolicy &&
    // The marker may be that of an earlier version, or of other words for the same settings.
    includesAll(
      container.env,
      wanted.env?.filter((variable) => !isMarker(variable)),
    ) &&
    includesAll(container.volumeMounts, wanted.volumeMounts)
  );
}

function hasMounts(pod: Pod, { mounts, mounting, isMountingChosen }: Injection): boolean {
  const names = mounting.map(({ container }) => container.name);
  const candidates = allContainers(pod).filter(({ name }) => names.includes(name));
  const isMounting = ({ volumeMounts }: Container): boolean => includesAll(volumeMounts, mounts);
  return isMountingChosen ? candidates.every(isMounting) : candidates.some(isMounting);
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
