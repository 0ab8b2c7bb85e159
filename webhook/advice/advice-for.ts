import { domain, isOurs } from '../../shared/settings/naming.ts';
import { decide, settingsOf, type Decision, type DecisionOptions } from '../decision.ts';
import { namespaceLabelKey } from '../profile-choice.ts';
import type { PodSettings } from '../pod-settings.ts';
import { withoutStatus } from '../status-annotation.ts';
import { findMisspelt, speaksOfUs } from './misspelt-annotations.ts';
import { risksOf } from './risks.ts';
import { withoutEffect } from './without-effect.ts';
import type { Annotations, NamesAt, Workload } from './workload.ts';

/** What will become of the pods of a workload. */
export interface Judgement {
  readonly decision: Decision;
  /** Of their sidecar; null where they get none. */
  readonly settings: PodSettings | null;
}

/** Decides on the pods of a workload as on pods that are created. */
export function judge({ pod }: Workload, options: DecisionOptions): Judgement {
  const decision = decide(pod, options);
  const hasSidecar = decision.reason === 'injected' || decision.reason === 'already-injected';
  return { decision, settings: hasSidecar ? settingsOf(pod, options) : null };
}

/** What whoever applies a workload should know about its pods, a line each; nothing where all is well. */
export function adviceFor(workload: Workload, judgement: Judgement): string[] {
  const { decision } = judgement;
  return [
    ...hintsFor(workload, judgement, speaksOfUs),
    // A warning has no line breaks: https://datatracker.ietf.org/doc/html/rfc7234#section-5.5
    ...(decision.outcome === 'refuse' ? `its pods will be refused: ${decision.message}`.split('\n') : []),
  ];
}

/** The same without the decision, for who tells that by itself; `resemblesOurs` picks the annotations that may be misspelt ones of ours. */
export function hintsFor(
  workload: Workload,
  { decision, settings }: Judgement,
  resemblesOurs: (key: string) => boolean,
): string[] {
  return [
    ...misplaced(workload),
    ...misspelt(workload, resemblesOurs),
    ...(decision.reason === 'not-asked' ? unasked(workload) : []),
    ...(settings ? [...risksOf(settings), ...withoutEffect(workload.pod, settings)] : []),
  ];
}

function misplaced({ pod, otherAnnotations, labels, podAnnotations }: Workload): string[] {
  const own = pod.metadata?.annotations ?? {};
  return [
    ...noEffect(
      otherAnnotations.map((at) => besides(at, own)),
      (field) => `in ${field}, which no pod gets; put it into ${podAnnotations}`,
    ),
    ...noEffect(labels, (field) => `in ${field}, as it is a label; pods need the annotation, in ${podAnnotations}`),
  ];
}

/** What the pods have not: who puts the same annotations everywhere, as kustomize does with commonAnnotations, lacks nothing. */
function besides({ field, names }: NamesAt, pods: Annotations): NamesAt {
  return { field, names: Object.fromEntries(Object.entries(names).filter(([key, value]) => pods[key] !== value)) };
}

function noEffect(places: readonly NamesAt[], why: (field: string) => string): string[] {
  return places.flatMap(({ field, names }) => {
    const keys = ours(names);
    return keys.length === 0 ? [] : [`${enumerate(keys)}: no effect ${why(field)}`];
  });
}

function misspelt({ pod, otherAnnotations }: Workload, resemblesOurs: (key: string) => boolean): string[] {
  const places = [pod.metadata?.annotations ?? {}, ...otherAnnotations.map(({ names }) => names)];
  const found = new Map(places.flatMap((annotations) => [...findMisspelt(annotations, resemblesOurs)]));
  return [...found].map(([key, nearest]) => `${key}: no effect; did you mean ${nearest}?`);
}

function unasked({ pod, podAnnotations }: Workload): string[] {
  const inject = `${domain}/inject`;
  const keys = ours(pod.metadata?.annotations ?? {}).filter((key) => key !== inject);
  if (keys.length === 0) return [];
  const wayOut = `${inject}: "true" in ${podAnnotations}, or the label ${namespaceLabelKey} of its namespace`;
  return [`${enumerate(keys)}: no effect, as its pods ask for no sidecar: that takes ${wayOut}`];
}

/** The keys of a map that are in our domain; what a copy of an injected pod says of its injection is no setting. */
function ours(annotations: Annotations): string[] {
  return Object.keys(withoutStatus(annotations)).filter(isOurs);
}

// So many that all fit in a warning that the API server keeps whole.
const mostNamed = 3;

function enumerate(keys: readonly string[]): string {
  const rest = keys.length - mostNamed;
  return [...keys.slice(0, mostNamed), ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
}
