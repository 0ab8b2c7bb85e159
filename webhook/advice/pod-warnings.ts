import { shorten } from '../../shared/settings/problem.ts';
import type { AdmissionRequest } from '../admission-review.ts';
import { settingsOf, type Decision, type DecisionOptions } from '../decision.ts';
import type { Pod } from '../pod.ts';
import { hintsFor } from './advice-for.ts';
import { speaksOfUs } from './misspelt-annotations.ts';
import { fitWarnings } from './warnings.ts';
import type { Workload } from './workload.ts';

/** What a decision was made by. */
export interface DecidedPod {
  readonly decision: Decision;
  /** Left out where they made no difference. */
  readonly options?: DecisionOptions;
}

/**
 * What whoever creates a pod should know about it, as of a workload. Nobody else reads it: of a pod with an owner, who applied that one
 * has been told. What its ServiceAccount may do isn't asked: the pod would wait for it.
 */
export function podWarnings({ object }: AdmissionRequest, { decision, options }: DecidedPod): string[] {
  const { name, generateName, ownerReferences = [] } = (object.metadata ?? {}) as Metadata;
  if (ownerReferences.length > 0 || decision.outcome === 'refuse') return [];
  const title = `sync-sidecar: Pod/${name ?? generateName ?? ''}`;
  const settings = options && decision.outcome === 'inject' ? settingsOf(object, options) : null;
  const hints = hintsFor(asWorkload(object), { decision, settings }, speaksOfUs);
  return fitWarnings(
    hints.map((hint) => [shorten(`${title}: ${hint}`)]),
    title,
  );
}

interface Metadata {
  readonly name?: string;
  readonly generateName?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly object[];
}

function asWorkload(pod: Pod): Workload {
  const { labels = {} } = (pod.metadata ?? {}) as Metadata;
  return {
    title: '',
    pod,
    podAnnotations: 'metadata.annotations',
    otherAnnotations: [],
    labels: [{ field: 'metadata.labels', names: labels }],
    serviceAccount: '',
  };
}
