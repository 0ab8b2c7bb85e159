import { posix } from 'node:path';
import { nearestName } from '../shared/settings/nearest-name.ts';
import type { Problem } from '../shared/settings/problem.ts';
import { isWithin } from './folders.ts';
import { annotationOf, type PodSettings } from './pod-settings.ts';
import type { Container, Pod } from './pod.ts';

/** A container of a pod, and the JSON pointer that leads to it. */
export interface PlacedContainer {
  readonly path: string;
  readonly container: Container;
}

/** The containers that see the folders: of the application, and of the init containers behind the sidecar, those that are chosen. */
export function mountingContainers(pod: Pod, position: number, { process }: PodSettings): PlacedContainer[] {
  const chosen = process.MOUNT_CONTAINERS;
  const all = containersFrom(pod, position);
  return chosen ? all.filter(({ container }) => chosen.includes(container.name)) : all;
}

/** What is wrong with the containers that a pod chooses. */
export function mountProblems(pod: Pod, position: number, { process }: PodSettings): Problem[] {
  const names = containersFrom(pod, position).map(({ container }) => container.name);
  const early = (pod.spec?.initContainers ?? []).slice(0, position).map(({ name }) => name);
  const unusable = (process.MOUNT_CONTAINERS ?? []).filter((name) => !names.includes(name));
  return unusable.map((given) => ({
    where: annotationOf('MOUNT_CONTAINERS'),
    kind: 'not-accepted',
    given,
    fault: early.includes(given) ? 'this init container starts before the sidecar' : 'the pod has no such container',
    accepts: names.join(', '),
    nearest: nearestName(given, names),
  }));
}

/** Why the folders can't be mounted where containers already mount something. */
export function mountConflicts(mounting: readonly PlacedContainer[], folders: readonly string[]): string[] {
  return mounting.flatMap(({ container: { name, volumeMounts = [] } }) =>
    volumeMounts.flatMap(({ mountPath }) => {
      const folder = folders.find((candidate) => isWithin(mountedAt(mountPath), candidate));
      return folder ? [`the container ${name} already mounts ${mountPath}, where the sync puts ${folder}`] : [];
    }),
  );
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
