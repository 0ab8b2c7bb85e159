import { posix } from 'node:path';
import { annotationNaming } from '../shared/settings/naming.ts';
import { nearestName } from '../shared/settings/nearest-name.ts';
import { mostTold, type Problem } from '../shared/settings/problem.ts';
import { distinctFolders, isWithin } from './folders.ts';
import { spellingOf, type PodSettings } from './pod-settings.ts';
import type { Container, Pod } from './pod.ts';

/** A container of a pod, and the JSON pointer that leads to it. */
export interface PlacedContainer {
  readonly path: string;
  readonly container: Container;
}

/**
 * The containers that see the folders: of the application, and of the init containers behind the sidecar, those that are chosen; where
 * nothing is, all but the init containers that may change the owner of what the folders lie in, which would fail in them.
 */
export function mountingContainers(pod: Pod, position: number, settings: PodSettings): PlacedContainer[] {
  const all = containersFrom(pod, position);
  const chosen = settings.process.MOUNT_CONTAINERS && new Set(settings.process.MOUNT_CONTAINERS);
  if (chosen) return all.filter(({ container }) => chosen.has(container.name));
  const folders = distinctFolders(settings);
  const application = new Set(pod.spec?.containers);
  const lasts = (one: Container): boolean => one.restartPolicy === 'Always' || application.has(one);
  return all.filter(({ container }) => lasts(container) || !mountsAbove(container, folders));
}

// A mount takes some hundred bytes of a pod, and etcd keeps no object of more than 1.5 MiB: https://etcd.io/docs/v3.6/dev-guide/limit/
const mostMounts = 10_000;

/** What is wrong with the containers that see the folders. */
export function mountProblems(pod: Pod, position: number, settings: PodSettings): Problem[] {
  return [...choiceProblems(pod, position, settings), ...countProblems(pod, position, settings)];
}

function choiceProblems(pod: Pod, position: number, settings: PodSettings): Problem[] {
  const names = containersFrom(pod, position).map(({ container }) => container.name);
  const [late, early] = [new Set(names), new Set(earlyNames(pod, position))];
  const unusable = (settings.process.MOUNT_CONTAINERS ?? []).filter((name) => !late.has(name));
  const accepts = names.join(', ');
  return unusable.map((given, index) => ({
    where: spellingOf(settings, 'MOUNT_CONTAINERS'),
    kind: 'not-accepted',
    given,
    fault: early.has(given) ? 'this init container starts before the sidecar' : 'the pod has no such container',
    accepts,
    nearest: index < mostTold ? nearestName(given, names) : undefined,
  }));
}

function countProblems(pod: Pod, position: number, settings: PodSettings): Problem[] {
  const containers = mountingContainers(pod, position, settings).length;
  const folders = distinctFolders(settings).length;
  if (containers * folders <= mostMounts) return [];
  const fault = `${containers} containers would mount ${folders} folders each`;
  const accepts = `at most ${mostMounts} mounts in all`;
  return [{ where: spellingOf(settings, 'MOUNT_CONTAINERS'), kind: 'not-accepted', fault, accepts }];
}

function earlyNames({ spec }: Pod, position: number): string[] {
  return (spec?.initContainers ?? []).slice(0, position).map(({ name }) => name);
}

/** Why the folders can't be mounted where containers already mount something, or have a block device; the first with the ways out. */
export function mountConflicts(mounting: readonly PlacedContainer[], folders: readonly string[]): string[] {
  const chosen = annotationNaming.spell({ row: 'MOUNT_CONTAINERS', sync: null });
  const waysOut = `take that mount away, give the sync another folder, or name the containers that see it in ${chosen}`;
  const [first, ...others] = conflictsOf(mounting, folders);
  return first === undefined ? [] : [`${first}; ${waysOut}`, ...others];
}

function conflictsOf(mounting: readonly PlacedContainer[], folders: readonly string[]): string[] {
  return mounting.flatMap(({ container: { name, volumeMounts = [], volumeDevices = [] } }) => [
    ...volumeMounts.flatMap(({ mountPath }) => {
      const present = mountedAt(mountPath);
      const folder = folders.find((candidate) => isWithin(present, candidate));
      return folder ? [`the container ${name} already mounts ${mountPath}, where the sync puts ${folder}`] : [];
    }),
    ...volumeDevices.flatMap(({ devicePath }) => {
      const device = mountedAt(devicePath);
      const folder = folders.find((candidate) => meetsDevice(candidate, device));
      return folder ? [`the container ${name} has a block device at ${devicePath}, where the sync puts ${folder}`] : [];
    }),
  ]);
}

/** A folder can lie within a mount, but not in a device. */
function meetsDevice(folder: string, device: string): boolean {
  return isWithin(device, folder) || isWithin(folder, device);
}

/** Whether a container mounts what a folder lies in, as `chown --recursive` of a volume does before an application that isn't root. */
function mountsAbove({ volumeMounts = [] }: Container, folders: readonly string[]): boolean {
  const paths = volumeMounts.map(({ mountPath }) => mountedAt(mountPath));
  return folders.some((folder) => paths.some((path) => folder !== path && isWithin(folder, path)));
}

function containersFrom({ spec }: Pod, position: number): PlacedContainer[] {
  const place = (list: readonly Container[] = [], field: string): PlacedContainer[] =>
    list.map((container, index) => ({ path: `/spec/${field}/${index}`, container }));
  return [...place(spec?.initContainers, 'initContainers').slice(position), ...place(spec?.containers, 'containers')];
}

/** The kubelet takes a relative path from the root, and a path may have slashes and dots too many. */
function mountedAt(path: string): string {
  return posix.resolve('/', path);
}
