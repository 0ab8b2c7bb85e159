import { nearestName } from '../shared/settings/nearest-name.ts';
import type { Problem } from '../shared/settings/problem.ts';
import { startsBeforeNetwork } from './mesh.ts';
import { spellingOf, type PodSettings } from './pod-settings.ts';
import type { Pod } from './pod.ts';

/** How many init containers of a pod start before the sidecar. Where the setting means none, it is as without it. */
export function positionOf(pod: Pod, { process }: PodSettings): number {
  const init = pod.spec?.initContainers ?? [];
  if (process.POSITION === 'last') return init.length;
  const after = init.findIndex(({ name }) => name === process.POSITION);
  // First, so that nothing starts before the first sync; but the sidecar needs the network for that sync.
  return after < 0 ? startsBeforeNetwork(pod) : after + 1;
}

/** What is wrong with the position that a pod asks for. */
export function positionProblems(pod: Pod, settings: PodSettings): Problem[] {
  const given = settings.process.POSITION;
  const names = (pod.spec?.initContainers ?? []).map(({ name }) => name);
  const firstWithNetwork = startsBeforeNetwork(pod);
  const accepted = ['first', 'last', ...names.slice(Math.max(0, firstWithNetwork - 1))];
  const problem = {
    where: spellingOf(settings, 'POSITION'),
    kind: 'not-accepted',
    given,
    accepts: accepted.join(', '),
  } as const;
  if (!['first', 'last', ...names].includes(given)) {
    const nearest = nearestName(given, accepted);
    return [{ ...problem, fault: 'the pod has no such init container', nearest }];
  }
  if (positionOf(pod, settings) >= firstWithNetwork) return [];
  const fault = `the sidecar would start before ${names[firstWithNetwork - 1]}, and have no network`;
  return [{ ...problem, fault }];
}
