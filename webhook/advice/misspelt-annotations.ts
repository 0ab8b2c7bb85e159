import { syncNames } from '../../shared/settings/kubernetes-kind.ts';
import { annotationNaming, domain, isOurs } from '../../shared/settings/naming.ts';
import { isOneSlipAway, nearestName } from '../../shared/settings/nearest-name.ts';
import { podSettings } from '../pod-settings.ts';
import type { Annotations } from './workload.ts';

/**
 * The keys outside of our domain that are probably meant to be in it, with the names that were probably meant: nothing else tells of
 * them, as for the API server and for the webhook they are somebody else's. Keys in our domain are for the decision to judge.
 */
export function findMisspelt(annotations: Annotations, resemblesOurs: (key: string) => boolean): Map<string, string> {
  const strange = Object.keys(annotations)
    .filter((key) => resemblesOurs(key) && !isOurs(key))
    .slice(0, mostTold);
  if (strange.length === 0) return new Map();
  const candidates = namesOf(annotations);
  return new Map(
    strange.flatMap((key) => {
      const nearest = nearestName(hasDomainLikeOurs(key) ? inOurDomain(key) : key, candidates);
      return nearest ? [[key, nearest]] : [];
    }),
  );
}

/** As in the matchConditions of the ValidatingWebhookConfiguration: what is farther from our name doesn't come. */
export const ourName = /sync[-_.]?sidecar/;

export function speaksOfUs(key: string): boolean {
  return ourName.test(key);
}

/** Sees more slips, for who has all annotations at hand. */
export function resemblesOurs(key: string): boolean {
  return ourName.test(key.toLowerCase()) || hasDomainLikeOurs(key);
}

/** Of `a.sync-sidcar.io/label`, in any case, the domain is one slip away from ours; that of `sidecar-sync.io/label` has the same words. */
function hasDomainLikeOurs(key: string): boolean {
  const [given] = splitDomain(key).map((part) => part.toLowerCase());
  return given !== undefined && (isOneSlipAway(given, domain) || given === 'sidecar-sync.io');
}

function inOurDomain(key: string): string {
  const [given = ''] = splitDomain(key);
  return key.replace(given, domain);
}

/** The last two labels of what stands before the slash; none where there is no slash. */
function splitDomain(key: string): string[] {
  return /[^.]+\.[^.]+(?=\/)/.exec(key)?.slice(0, 1) ?? [];
}

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
