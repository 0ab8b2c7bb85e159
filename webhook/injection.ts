import { posix } from 'node:path';
import { distinctFolders, isWithin, nestedFoldersFault } from './folders.ts';
import { chooseHealthPort } from './health-port.ts';
import { volumeName, subPathOf } from './injected-names.ts';
import { meshFault, startsBeforeNetwork } from './mesh.ts';
import type { PodSettings } from './pod-settings.ts';
import type { Container, Pod, Volume, VolumeMount } from './pod.ts';
import { hasAutomountedToken, tokenVolume } from './service-account-token.ts';
import { sidecarContainer } from './sidecar-container.ts';
import { memoryVolumeMi, sidecarResources } from './sidecar-resources.ts';

/** Everything that a pod gets. */
export interface Injection {
  readonly container: Container;
  /** Where among the init containers the sidecar stands. */
  readonly position: number;
  readonly volumes: readonly Volume[];
  /** The folders, for every container of the application that starts after the sidecar. */
  readonly mounts: readonly VolumeMount[];
}

export type InjectionFault = {
  readonly reason: 'windows' | 'mesh-cni' | 'health-port' | 'mount-conflict' | 'nested-folders';
  readonly message: string;
};

/** What injection into a pod that has nothing of ours yet means, or every reason why it can't be. */
export function planInjection(pod: Pod, settings: PodSettings, image: string): Injection | InjectionFault[] {
  const folders = distinctFolders(settings);
  const mounts = folders.map((mountPath, index) => ({
    name: volumeName,
    mountPath,
    subPath: subPathOf(index),
    readOnly: true,
  }));
  const port = chooseHealthPort(pod, settings.process.HEALTH_PORT);
  // First, so that nothing starts before the first sync; but the sidecar needs the network for that sync.
  const position = startsBeforeNetwork(pod);
  const faults = [...podFaults(pod, { folders, position })];
  if ('fault' in port) return [...faults, { reason: 'health-port', message: port.fault }];
  if (faults.length > 0) return faults;
  const inMemory = settings.syncs.some((sync) => sync.settings.RESOURCE !== 'configmap');
  const ownToken = !hasAutomountedToken(pod);
  const resources = sidecarResources(pod, { inMemory });
  return {
    container: sidecarContainer({ pod, settings, image, healthPort: port.port, resources, ownToken }),
    position,
    volumes: [sharedVolume(inMemory), ...(ownToken ? [tokenVolume] : [])],
    mounts,
  };
}

/** The containers that see the folders: those of the application, and init containers behind the sidecar. */
export function mountingContainers({ spec }: Pod, position: number): { path: string; container: Container }[] {
  const init = (spec?.initContainers ?? []).map((container, index) => ({ index, container }));
  const containers = (spec?.containers ?? []).map((container, index) => ({ index, container }));
  return [
    ...init
      .filter(({ index }) => index >= position)
      .map(({ index, container }) => ({ path: `/spec/initContainers/${index}`, container })),
    ...containers.map(({ index, container }) => ({ path: `/spec/containers/${index}`, container })),
  ];
}

function* podFaults(
  pod: Pod,
  { folders, position }: { folders: string[]; position: number },
): Generator<InjectionFault> {
  if (isWindows(pod)) yield { reason: 'windows', message: 'the sidecar runs on Linux; this pod is for Windows' };
  const mesh = meshFault(pod);
  if (mesh) yield { reason: 'mesh-cni', message: mesh };
  const nested = nestedFoldersFault(folders);
  if (nested) yield { reason: 'nested-folders', message: nested };
  for (const { container } of mountingContainers(pod, position)) {
    for (const { mountPath } of container.volumeMounts ?? []) {
      const folder = folders.find((candidate) => isWithin(mountedAt(mountPath), candidate));
      if (folder) {
        const message = `the container ${container.name} already mounts ${mountPath}, where the sync puts ${folder}`;
        yield { reason: 'mount-conflict', message };
      }
    }
  }
}

function isWindows({ spec }: Pod): boolean {
  return spec?.os?.name === 'windows' || spec?.nodeSelector?.['kubernetes.io/os'] === 'windows';
}

/** The kubelet takes a relative path from the root, and a path may have slashes and dots too many. */
function mountedAt(path: string): string {
  return posix.resolve('/', path);
}

/** Secrets never get to a disk. */
function sharedVolume(inMemory: boolean): Volume {
  return {
    name: volumeName,
    emptyDir: inMemory ? { medium: 'Memory', sizeLimit: `${memoryVolumeMi}Mi` } : {},
  };
}
