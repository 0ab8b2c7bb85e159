import { boolean } from '../shared/settings/kind.ts';
import { annotationNaming, domain, environmentNaming, profileNaming } from '../shared/settings/naming.ts';
import { nearestName } from '../shared/settings/nearest-name.ts';
import { describeProblems, type Problem } from '../shared/settings/problem.ts';
import { readSettings, type Reading } from '../shared/settings/read-settings.ts';
import { findSameSyncs } from '../shared/settings/same-sync.ts';
import { payloadProblems } from '../shared/settings/payload-template.ts';
import { selectorProblems } from '../shared/settings/sync-selector.ts';
import type { AddOperation } from './admission-review.ts';
import { findOurs, isComplete, portOf, withoutOurs } from './already-injected.ts';
import type { Configuration, Profile } from './configuration.ts';
import { planInjection, type InjectionFault } from './injection.ts';
import { patchFor } from './patch.ts';
import { podSettings, type PodSettings, type PodTable } from './pod-settings.ts';
import type { Pod } from './pod.ts';

/** Why a pod was admitted as it is, injected or refused: log field, metric label and audit annotation. */
export type Reason =
  | 'injected'
  | 'already-injected'
  | 'not-asked'
  | 'opted-out'
  | 'invalid-settings'
  | 'unknown-profile'
  | 'name-taken'
  | InjectionFault['reason'];

export type Decision =
  | { readonly outcome: 'admit'; readonly reason: 'already-injected' | 'not-asked' | 'opted-out' }
  | { readonly outcome: 'inject'; readonly reason: 'injected'; readonly operations: readonly AddOperation[] }
  | { readonly outcome: 'refuse'; readonly reason: Reason; readonly message: string };

export interface DecisionOptions {
  /** The pod's own. */
  readonly namespace: string;
  /** The value of the namespace's label `sync-sidecar.io/inject`. */
  readonly namespaceLabel: string | undefined;
  readonly configuration: Configuration;
  /** The sidecar's image. */
  readonly image: string;
}

/** The label by which a namespace asks for the sidecar in all its pods: `true` or the name of a profile. */
export const namespaceLabelKey = `${domain}/inject`;

/** Decides what happens to a pod; the same pod gives the same decision. */
export function decide(pod: Pod, options: DecisionOptions): Decision {
  const annotations = pod.metadata?.annotations ?? {};
  const inject = boolean.parse(annotations[annotationNaming.spell({ row: 'INJECT', sync: null })] ?? '');
  if (inject === false) return { outcome: 'admit', reason: 'opted-out' };
  const asked = inject ?? isOptedIn(options.namespaceLabel);
  if (!asked) return decideUnasked(annotations, options);
  const profile = profileOf(annotations, options);
  if ('message' in profile) return { outcome: 'refuse', reason: 'unknown-profile', message: profile.message };
  const { settings, problems } = readPodSettings(annotations, profile.profile, options.configuration);
  if (!settings) return refuseSettings(problems);
  const unusable = syncProblems(settings, options.namespace);
  if (unusable.length > 0) return refuseSettings(unusable);
  return decideInjection(pod, settings, options.image);
}

function isOptedIn(namespaceLabel: string | undefined): boolean {
  return namespaceLabel !== undefined && namespaceLabel.toLowerCase() !== 'false';
}

/** A pod that didn't ask is left alone; but a misspelt name of ours is told, or nobody would learn why nothing happens. */
function decideUnasked(annotations: Readonly<Record<string, string>>, options: DecisionOptions): Decision {
  // The profile that the pod would get may name the syncs that its annotations speak of.
  const profile = profileOf(annotations, options);
  const known = 'profile' in profile ? profile.profile : {};
  const { problems } = readPodSettings(annotations, known, options.configuration);
  const isTold = problems.some(({ kind, where }) => kind === 'unknown' || where === `${domain}/inject`);
  const given = problems.filter(({ kind }) => kind !== 'missing');
  return isTold ? refuseSettings(given) : { outcome: 'admit', reason: 'not-asked' };
}

function profileOf(
  annotations: Readonly<Record<string, string>>,
  { namespaceLabel, configuration }: DecisionOptions,
): { profile: Profile } | { message: string } {
  const key = annotationNaming.spell({ row: 'PROFILE', sync: null });
  const annotated = annotations[key]?.trim();
  const labelled = isOptedIn(namespaceLabel) && namespaceLabel?.toLowerCase() !== 'true' ? namespaceLabel : undefined;
  const name = (annotated || labelled) ?? 'default';
  const profile = configuration.profiles.get(name);
  if (profile) return { profile };
  const names = [...configuration.profiles.keys()];
  const where = annotated ? key : `label ${namespaceLabelKey} of the namespace`;
  const nearest = nearestName(name, names);
  const fault = 'there is no such profile';
  return {
    message: describeProblems([{ where, kind: 'unknown', given: name, fault, accepts: names.join(', '), nearest }]),
  };
}

/**
 * Pod, then profile, then the platform's defaults; last what is right where the sidecar starts before the application, and where who
 * may write a ConfigMap is not who may reach what the pod may reach.
 */
function readPodSettings(
  annotations: Readonly<Record<string, string>>,
  profile: Profile,
  { defaults }: Configuration,
): Reading<PodTable> {
  return readSettings(podSettings, [
    { naming: annotationNaming, entries: annotations },
    { naming: profileNaming, entries: profile },
    { naming: profileNaming, entries: defaults },
    { naming: environmentNaming, entries: { REQ_SKIP_INIT: 'true', URL_ALLOW_PRIVATE: 'false' } },
  ]);
}

function refuseSettings(problems: readonly Problem[]): Decision {
  return { outcome: 'refuse', reason: 'invalid-settings', message: describeProblems(problems) };
}

/** The sidecar would refuse to start with them. */
/** What is wrong with the syncs though each of their settings is accepted. */
function syncProblems({ syncs }: PodSettings, namespace: string): Problem[] {
  const same = findSameSyncs(syncs, namespace);
  const unusable = [selectorProblems, payloadProblems].flatMap((find) => find(syncs, annotationNaming));
  return [...unusable, ...(same ? [sameSyncs(same)] : [])];
}

function sameSyncs([first, second]: readonly [string, string]): Problem {
  return {
    where: annotationNaming.spell({ row: 'SYNCS', sync: null }),
    kind: 'not-accepted',
    fault: `${first} and ${second} are the same sync`,
    accepts: 'syncs that differ in label, label-value, namespace, resource, resource-name or folder',
  };
}

function decideInjection(pod: Pod, settings: PodSettings, image: string): Decision {
  const { container: present, names } = findOurs(pod);
  if (names.length > 0 && !present) return refuseTaken(names);
  const bare = present ? withoutOurs(pod) : pod;
  const injection = planInjection(bare, present ? withPort(settings, portOf(present)) : settings, image);
  if (isFaulty(injection)) return refuseFaults(injection);
  if (!present) return { outcome: 'inject', reason: 'injected', operations: patchFor(pod, injection) };
  return isComplete(pod, present, injection) ? { outcome: 'admit', reason: 'already-injected' } : refuseTaken(names);
}

function isFaulty(injection: ReturnType<typeof planInjection>): injection is InjectionFault[] {
  return Array.isArray(injection);
}

function withPort(settings: PodSettings, port: number | undefined): PodSettings {
  return { ...settings, process: { ...settings.process, HEALTH_PORT: settings.process.HEALTH_PORT ?? port } };
}

function refuseFaults(faults: readonly InjectionFault[]): Decision {
  const message = faults.map((fault) => fault.message).join('; ');
  return { outcome: 'refuse', reason: faults[0]?.reason ?? 'mount-conflict', message };
}

function refuseTaken(names: readonly string[]): Decision {
  const fault = `the pod already has ${names.join(', ')}, but not as it would be injected`;
  const wayOut = 'give yours another name, or leave out what was copied from an injected pod';
  return { outcome: 'refuse', reason: 'name-taken', message: `${fault}; ${wayOut}` };
}
