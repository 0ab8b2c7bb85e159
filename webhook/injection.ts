import type { Problem } from '../shared/settings/problem.ts';
import { credentialProblems } from './credentials.ts';
import { mountConflicts, mountingContainers, mountProblems, type PlacedContainer } from './folder-mounts.ts';
import { nestedFoldersFault } from './folders.ts';
import { chooseHealthPort } from './health-port.ts';
import { markerOf } from './marker.ts';
import { meshFault } from './mesh.ts';
import type { PodSettings } from './pod-settings.ts';
import type { Container, Pod, Volume, VolumeMount } from './pod.ts';
import { positionOf, positionProblems } from './position.ts';
import { resourceProblems } from './resource-problems.ts';
import { hasAutomountedToken, tokenVolume } from './service-account-token.ts';
import { sharedVolume, type SharedVolume } from './shared-volume.ts';
import { sidecarContainer } from './sidecar-container.ts';
import { sidecarResources } from './sidecar-resources.ts';
import { volumeProblems } from './volume-problems.ts';

/** Everything that a pod gets. */
export interface Injection {
  readonly container: Container;
  /** Where among the init containers the sidecar stands. */
  readonly position: number;
  readonly volumes: readonly Volume[];
  /** The folders. */
  readonly mounts: readonly VolumeMount[];
  /** Who sees them. */
  readonly mounting: readonly PlacedContainer[];
  /** Whether the pod says who. */
  readonly isMountingChosen: boolean;
}

export interface InjectionFault {
  readonly reason: 'windows' | 'mesh-cni' | 'name-taken' | 'health-port' | 'mount-conflict' | 'nested-folders';
  readonly message: string;
}

/** Every reason why a pod can't be injected: settings that don't fit it, and what no setting of the kind would change. */
export interface Obstacles {
  readonly problems: readonly Problem[];
  readonly faults: readonly InjectionFault[];
}

export type Plan =
  | { readonly injection: Injection; readonly problems: readonly []; readonly faults: readonly [] }
  | ({ readonly injection: null } & Obstacles);

/** What injection into a pod that has nothing of ours yet means, or why it can't be. */
export function planInjection(pod: Pod, settings: PodSettings, image: string): Plan {
  const position = positionOf(pod, settings);
  const volume = sharedVolume(pod, settings);
  const port = chooseHealthPort(pod, settings.process.HEALTH_PORT);
  const mounting = mountingContainers(pod, position, settings);
  const problems = settingProblems(pod, settings, { position, volume });
  const faults = [...podFaults(pod, settings), ...folderFaults(mounting, volume)];
  if ('fault' in port) faults.push({ reason: 'health-port', message: port.fault });
  if ('fault' in port || problems.length > 0 || faults.length > 0) return { injection: null, problems, faults };
  const ownToken = !hasAutomountedToken(pod);
  const resources = sidecarResources(pod, settings, volume.memoryBytes);
  const marker = markerOf(pod, volume.added ?? volumeOf(pod, volume.mount));
  const injection = {
    container: sidecarContainer({ pod, settings, image, healthPort: port.port, resources, volume, ownToken, marker }),
    position,
    volumes: [...(volume.added ? [volume.added] : []), ...(ownToken ? [tokenVolume] : [])],
    mounts: volume.folders.map(({ mount }) => mount),
    mounting,
    isMountingChosen: settings.process.MOUNT_CONTAINERS !== undefined,
  };
  return { injection, problems: [], faults: [] };
}

/** Why a pod can't be injected whatever its volumes and mounts are; without settings, as far as can be told. */
export function* podFaults(pod: Pod, settings?: PodSettings): Generator<InjectionFault> {
  if (isWindows(pod)) yield { reason: 'windows', message: 'the sidecar runs on Linux; this pod is for Windows' };
  if (!settings) return;
  const mesh = meshFault(pod, settings.process.RUN_AS_USER ?? pod.spec?.securityContext?.runAsUser);
  if (mesh !== null) yield { reason: 'mesh-cni', message: mesh };
}

interface Placing {
  readonly position: number;
  readonly volume: SharedVolume;
}

function settingProblems(pod: Pod, settings: PodSettings, { position, volume }: Placing): Problem[] {
  return [
    ...positionProblems(pod, settings),
    ...mountProblems(pod, position, settings),
    ...volumeProblems(pod, settings),
    ...resourceProblems(pod, settings, volume.memoryBytes),
    ...credentialProblems(settings),
  ];
}

function* folderFaults(mounting: readonly PlacedContainer[], { folders }: SharedVolume): Generator<InjectionFault> {
  const paths = folders.map(({ folder }) => folder);
  const nested = nestedFoldersFault(paths);
  if (nested !== null) yield { reason: 'nested-folders', message: nested };
  for (const message of mountConflicts(mounting, paths)) yield { reason: 'mount-conflict', message };
}

function volumeOf({ spec }: Pod, mount: VolumeMount): Volume | undefined {
  return spec?.volumes?.find(({ name }) => name === mount.name);
}

function isWindows({ spec }: Pod): boolean {
  return spec?.os?.name === 'windows' || spec?.nodeSelector?.['kubernetes.io/os'] === 'windows';
}
