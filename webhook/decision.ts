import { boolean } from '../shared/settings/kind.ts';
import { annotationNaming, domain } from '../shared/settings/naming.ts';
import { describeProblems, firstSentences, type Problem } from '../shared/settings/problem.ts';
import { findSameSyncs } from '../shared/settings/same-sync.ts';
import { payloadProblems } from '../shared/settings/payload-template.ts';
import { scopeProblems } from '../shared/settings/scope-problems.ts';
import { selectorProblems } from '../shared/settings/sync-selector.ts';
import type { AddOperation } from './admission-review.ts';
import { findOurs, isComplete, portOf, withoutOurs } from './already-injected.ts';
import type { Configuration } from './configuration/configuration.ts';
import { planInjection, podFaults, type InjectionFault, type Obstacles } from './injection.ts';
import { findOwnWork, laterFaults } from './own-work.ts';
import { patchFor } from './patch.ts';
import { namingOf, spellingOf, type PodSettings } from './pod-settings.ts';
import type { Pod } from './pod.ts';
import { policyProblems } from './policy/policy-problems.ts';
import { chooseProfile, isOptedIn, namespaceLabelKey } from './profile-choice.ts';
import { readPodSettings } from './read-pod-settings.ts';
import { resourcesWithoutOf } from './resources-without.ts';
import { statusOf, withoutStatus } from './status-annotation.ts';

/** Why a pod was admitted as it is, injected or refused: log field, metric label and audit annotation. */
export type Reason =
  | 'injected'
  | 'already-injected'
  | 'not-asked'
  | 'opted-out'
  | 'invalid-settings'
  | 'unknown-profile'
  | 'policy'
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
  /** The sidecar's image, unless pod or profile name another one. */
  readonly image: string;
}

/** Decides what happens to a pod; the same pod gives the same decision. */
export function decide(pod: Pod, options: DecisionOptions): Decision {
  return decideByItself(pod) ?? decideByPlatform(pod, options);
}

/** The decision on a pod that `decideByItself` leaves open. */
export function decideByPlatform(pod: Pod, options: DecisionOptions): Decision {
  const annotations = annotationsOf(pod);
  if (injectOf(annotations) === true) return decideAsked(pod, options);
  return isOptedIn(options.namespaceLabel)
    ? tellWhoAsks(decideAsked(pod, options), annotations, options)
    : decideUnasked(annotations, options);
}

/**
 * The decision on a pod that is the same in each namespace and with every configuration; null where it depends on them. What one
 * replica has injected comes back to another one, whose version and configuration may be newer or older, and so may be what it knows of
 * the namespace.
 */
export function decideByItself(pod: Pod): Decision | null {
  if (injectOf(annotationsOf(pod)) === false) return { outcome: 'admit', reason: 'opted-out' };
  const sidecar = findOwnWork(pod);
  if (!sidecar) return null;
  const faults = [...laterFaults(pod, sidecar)];
  return faults.length > 0 ? refuse({ problems: [], faults }) : { outcome: 'admit', reason: 'already-injected' };
}

const injectKey = annotationNaming.spell({ row: 'INJECT', sync: null });

function injectOf(annotations: Readonly<Record<string, string>>): boolean | undefined {
  return boolean.parse(annotations[injectKey] ?? '');
}

function decideAsked(pod: Pod, { namespace, namespaceLabel, configuration, image }: DecisionOptions): Decision {
  const annotations = annotationsOf(pod);
  const { name, profile, problem } = chooseProfile(annotations, { namespace, namespaceLabel, configuration });
  if (!profile) return { outcome: 'refuse', reason: 'unknown-profile', message: describeProblems([problem]) };
  const platform = { name, profile, configuration };
  const { settings, problems, overrides } = readPodSettings(annotations, platform);
  const resourcesWithout = resourcesWithoutOf(pod, annotations, platform);
  const violations = policyProblems(overrides, { policy: configuration.policy ?? {}, namespace, resourcesWithout });
  if (problem) violations.unshift(problem);
  if (!settings) return refuse({ problems: [...problems, ...violations], faults: [...podFaults(pod)] });
  const found = [...syncProblems(settings, namespace), ...violations];
  return decideInjection(pod, settings, { image, status: statusOf(name, settings), found });
}

/** Who wrote such a pod may never have heard of us: a refusal begins with who asked, and with the way out. */
function tellWhoAsks(
  decision: Decision,
  annotations: Readonly<Record<string, string>>,
  options: DecisionOptions,
): Decision {
  if (decision.outcome !== 'refuse') return decision;
  const { name } = chooseProfile(annotations, options);
  const profile = name === options.namespaceLabel ? '' : `, profile ${name}`;
  const who = `the namespace asks for the sidecar (label ${namespaceLabelKey}=${options.namespaceLabel}${profile})`;
  const wayOut = `the annotation ${domain}/inject: "false" leaves a pod out`;
  return { ...decision, message: `${who}; ${wayOut}\n${decision.message}` };
}

/** The settings of a pod's sidecar, whether it gets one or not; null where they are not accepted. */
export function settingsOf(
  pod: Pod,
  { namespace, namespaceLabel, configuration }: DecisionOptions,
): PodSettings | null {
  const annotations = annotationsOf(pod);
  const { name, profile } = chooseProfile(annotations, { namespace, namespaceLabel, configuration });
  return profile ? readPodSettings(annotations, { name, profile, configuration }).settings : null;
}

/** The annotations that a person wrote. */
function annotationsOf({ metadata }: Pod): Readonly<Record<string, string>> {
  return withoutStatus(metadata?.annotations ?? {});
}

/** A pod that didn't ask is left alone; but a misspelt name of ours is told, or nobody would learn why nothing happens. */
function decideUnasked(annotations: Readonly<Record<string, string>>, options: DecisionOptions): Decision {
  // The profile that the pod would get may name the syncs that its annotations speak of.
  const { name, profile } = chooseProfile(annotations, options);
  const { configuration } = options;
  const { problems } = readPodSettings(annotations, { name, profile: profile ?? {}, configuration });
  const isTold = problems.some(({ kind, where }) => kind === 'unknown' || where === `${domain}/inject`);
  const given = problems.filter(({ kind }) => kind !== 'missing');
  return isTold ? refuse({ problems: given, faults: [] }) : { outcome: 'admit', reason: 'not-asked' };
}

/** What is wrong with the syncs though each of their settings is accepted. */
function syncProblems(settings: PodSettings, namespace: string): Problem[] {
  const { syncs, givenBy } = settings;
  const tooMany = scopeProblems(syncs, namingOf(givenBy));
  // Before anything is made of them.
  if (tooMany.length > 0) return tooMany;
  const same = findSameSyncs(syncs, namespace);
  const unusable = [selectorProblems, payloadProblems].flatMap((find) => find(syncs, namingOf(givenBy)));
  return [...unusable, ...(same ? [sameSyncs(same, spellingOf(settings, 'SYNCS'))] : [])];
}

function sameSyncs([first, second]: readonly [string, string], where: string): Problem {
  return {
    where,
    kind: 'not-accepted',
    fault: `${first} and ${second} are the same sync`,
    accepts: 'syncs that differ in label, label-value, namespace, resource, resource-name or folder',
  };
}

interface InjectionOptions {
  readonly image: string;
  /** What the injected pod says of its injection. */
  readonly status: string;
  /** What is wrong with the settings whatever the rest of the pod is. */
  readonly found: readonly Problem[];
}

function decideInjection(pod: Pod, settings: PodSettings, { image, status, found }: InjectionOptions): Decision {
  const { container: present, names } = findOurs(pod);
  const bare = names.length > 0 ? withoutOurs(pod) : pod;
  const plan = planInjection(bare, present ? withPort(settings, portOf(present)) : settings, image);
  const { injection } = plan;
  const taken = names.length > 0 && !present ? [nameTaken(names)] : [];
  const [problems, faults] = [
    [...found, ...plan.problems],
    [...taken, ...plan.faults],
  ];
  if (!injection || problems.length > 0 || faults.length > 0) return refuse({ problems, faults });
  if (!present) return { outcome: 'inject', reason: 'injected', operations: patchFor(pod, injection, status) };
  if (isComplete(pod, present, injection)) return { outcome: 'admit', reason: 'already-injected' };
  return refuse({ problems: [], faults: [nameTaken(names)] });
}

function withPort(settings: PodSettings, port: number | undefined): PodSettings {
  return { ...settings, process: { ...settings.process, HEALTH_PORT: settings.process.HEALTH_PORT ?? port } };
}

/** Everything in one message; the reason is that of what comes first in it. */
function refuse({ problems, faults }: Obstacles): Decision {
  const [fault] = faults;
  const reason = reasonOf(problems) ?? fault?.reason ?? 'invalid-settings';
  const told = problems.length > 0 ? [describeProblems(problems)] : [];
  if (fault) told.push(firstSentences(faults.map(({ message }) => message)).join('; '));
  return { outcome: 'refuse', reason, message: told.join('\n') };
}

function reasonOf(problems: readonly Problem[]): Reason | undefined {
  if (problems.length === 0) return undefined;
  return problems.every(({ kind }) => kind === 'policy') ? 'policy' : 'invalid-settings';
}

function nameTaken(names: readonly string[]): InjectionFault {
  const fault = `the pod already has ${names.join(', ')}, but not as it would be injected`;
  const wayOut = 'give yours another name, or leave out what was copied from an injected pod';
  return { reason: 'name-taken', message: `${fault}; ${wayOut}` };
}
