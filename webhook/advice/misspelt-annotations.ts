import { syncNames } from '../../shared/settings/kubernetes-kind.ts';
import { annotationNaming } from '../../shared/settings/naming.ts';
import { nearestName } from '../../shared/settings/nearest-name.ts';
import { podSettings } from '../pod-settings.ts';
import type { Annotations } from './workload.ts';

/**
 * The keys outside of our domain that are probably meant to be in it, with the names that were probably meant: nothing else tells of
 * them, as for the API server and for the webhook they are somebody else's. Keys in our domain are for the decision to judge.
 */
export function findMisspelt(annotations: Annotations): Map<string, string> {
  const strange = Object.keys(annotations)
    .filter((key) => speaksOfUs.test(key) && annotationNaming.locate(key, []) === null)
    .slice(0, mostTold);
  if (strange.length === 0) return new Map();
  const candidates = namesOf(annotations);
  return new Map(
    strange.flatMap((key) => {
      const nearest = nearestName(key, candidates);
      return nearest ? [[key, nearest]] : [];
    }),
  );
}

/** As in the matchConditions of the ValidatingWebhookConfiguration: what is farther from our name doesn't come. */
export const speaksOfUs = /sync[-_.]?sidecar/;

// More are no slips, and each costs a comparison with every annotation that there is.
const mostTold = 10;

/** All the annotations that there are, for the syncs that are named. */
function namesOf(annotations: Annotations): string[] {
  const syncs = syncNames.parse(annotations[annotationNaming.spell({ row: 'SYNCS', sync: null })] ?? '') ?? [];
  const { process, sync: rows } = podSettings;
  return [
    ...Object.keys({ ...process, ...rows }).map((row) => annotationNaming.spell({ row, sync: null })),
    ...syncs.flatMap((sync) => Object.keys(rows).map((row) => annotationNaming.spell({ row, sync }))),
  ];
}
