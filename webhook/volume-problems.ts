import { nearestName } from '../shared/settings/nearest-name.ts';
import type { Problem } from '../shared/settings/problem.ts';
import { spellingOf, type PodSettings } from './pod-settings.ts';
import type { Pod, Volume } from './pod.ts';
import { hasSecrets, isInMemory } from './shared-volume.ts';

/** What is wrong with the volume that a pod asks for. */
export function volumeProblems(pod: Pod, settings: PodSettings): Problem[] {
  const { VOLUME, VOLUME_MEDIUM, VOLUME_SIZE_LIMIT } = settings.process;
  const besides = {
    kind: 'not-accepted',
    fault: `can't be set besides ${spellingOf(settings, 'VOLUME')}`,
    accepts: 'one of the two',
  } as const;
  const problems: Problem[] = [];
  if (VOLUME_MEDIUM === 'disk' && hasSecrets(settings)) {
    problems.push({
      where: spellingOf(settings, 'VOLUME_MEDIUM'),
      kind: 'not-accepted',
      given: VOLUME_MEDIUM,
      fault: 'Secrets are synced, and never get to a disk',
      accepts: 'memory',
    });
  }
  if (VOLUME === undefined) return problems;
  if (VOLUME_MEDIUM !== undefined) problems.push({ where: spellingOf(settings, 'VOLUME_MEDIUM'), ...besides });
  if (VOLUME_SIZE_LIMIT !== undefined) problems.push({ where: spellingOf(settings, 'VOLUME_SIZE_LIMIT'), ...besides });
  return [...problems, ...choiceProblems(VOLUME, pod, settings)];
}

function choiceProblems(given: string, pod: Pod, settings: PodSettings): Problem[] {
  const volumes = pod.spec?.volumes ?? [];
  const volume = volumes.find(({ name }) => name === given);
  const inMemory = hasSecrets(settings);
  const fault = volume ? unusable(volume, inMemory) : 'the pod has no such volume';
  if (fault === null) return [];
  const usable = volumes.filter((candidate) => unusable(candidate, inMemory) === null).map(({ name }) => name);
  const wanted = `a volume of the pod that can be written${inMemory ? ', in memory' : ''}; it has none`;
  const accepts = usable.length > 0 ? usable.join(', ') : wanted;
  return [
    {
      where: spellingOf(settings, 'VOLUME'),
      kind: 'not-accepted',
      given,
      fault,
      accepts,
      nearest: nearestName(given, usable),
    },
  ];
}

// What the kubelet mounts read-only whatever else is said. https://kubernetes.io/docs/concepts/storage/volumes/
const readOnlySources = ['configMap', 'secret', 'projected', 'downwardAPI', 'image'];

function unusable(volume: Volume, inMemory: boolean): string | null {
  const { name: _name, ...sources } = volume;
  const isReadOnly = Object.entries<unknown>(sources).some(
    ([source, value]) =>
      readOnlySources.includes(source) || (value as { readOnly?: unknown } | null)?.readOnly === true,
  );
  if (isReadOnly) return 'this volume is read-only';
  return inMemory && !isInMemory(volume) ? 'this volume is not in memory, and Secrets never get to a disk' : null;
}
