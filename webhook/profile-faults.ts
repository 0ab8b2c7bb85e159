import { annotationNaming } from '../shared/settings/naming.ts';
import { inOneLine } from '../shared/settings/problem.ts';
import type { Configuration } from './configuration/configuration.ts';
import { decide } from './decision.ts';
import type { PodSettings } from './pod-settings.ts';
import { readPodSettings } from './read-pod-settings.ts';

/**
 * Why profiles give their sidecar to no pod, a line each: each setting of theirs is accepted, and together they are not. Looked at are
 * the complete ones, by a pod that says nothing, and not those that speak of parts of a pod.
 */
export function profileFaults({ defaults, profiles }: Configuration, image: string): string[] {
  const configuration = { defaults, profiles };
  return [...profiles].flatMap(([name, profile]) => {
    const annotations = { [key('INJECT')]: 'true', [key('PROFILE')]: name };
    const { settings } = readPodSettings(annotations, { name, profile, configuration });
    if (!settings || isForSomePods(settings)) return [];
    const pod = { metadata: { annotations }, spec: { containers: [{ name: 'app' }] } };
    const decision = decide(pod, { namespace: 'default', namespaceLabel: undefined, configuration, image });
    return decision.outcome === 'refuse' ? [`profile ${name}: ${inOneLine(decision.message)}`] : [];
  });
}

/** Whether it takes a pod that has a volume, a container or an init container of a certain name. */
function isForSomePods({ process: { VOLUME, MOUNT_CONTAINERS, POSITION } }: PodSettings): boolean {
  return VOLUME !== undefined || MOUNT_CONTAINERS !== undefined || !['first', 'last'].includes(POSITION);
}

function key(row: string): string {
  return annotationNaming.spell({ row, sync: null });
}
