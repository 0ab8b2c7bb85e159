import { domain } from '../../shared/settings/naming.ts';
import { hintsFor, judge } from '../advice/advice-for.ts';
import { resemblesOurs } from '../advice/misspelt-annotations.ts';
import type { Workload } from '../advice/workload.ts';
import type { Decision, DecisionOptions } from '../decision.ts';
import type { PodSettings } from '../pod-settings.ts';
import { namespaceLabelKey } from '../profile-choice.ts';
import { readManifests, type Manifest } from './manifests.ts';
import { judgeLeftOut, type LeftOut } from './left-out-namespaces.ts';
import { objectsIn } from './manifest-objects.ts';
import { namespaceLabelsIn } from './namespaces-in-manifests.ts';
import { overlookedIn } from './overlooked.ts';
import { podIn } from './pods-in-manifest.ts';
import { printManifests, type PlacedOperations } from './print-manifests.ts';
import { reviewedPod } from './reviewed-pod.ts';

/** What a decision depends on besides the pod: the namespace of manifests that name none, and the label of namespaces that are not among them. */
export type RenderOptions = DecisionOptions;

export interface Rendered {
  /** The manifests with what their pods get; null where a pod is refused, so that nobody applies the half of a file. */
  readonly text: string | null;
  /** A line, or more, for each pod: what happens to it, and why; and one for an object that was passed over though it may have pods. */
  readonly remarks: readonly string[];
}

/** Decides on the pods of a file of manifests as the webhook does when they are created. */
export function render(text: string, options: RenderOptions): Rendered | { readonly faults: readonly string[] } {
  const file = readManifests(text);
  if ('faults' in file) return file;
  if (file.manifests.length === 0) return { faults: ['there is no manifest in it'] };
  const objects = file.manifests.flatMap(placedObjects);
  const pods = objects.flatMap(reviewedPods);
  const overlooked = objects.flatMap(overlookedIn);
  if (pods.length === 0)
    return { text, remarks: [...overlooked, 'no Pod, and nothing that makes Pods: printed as it is'] };
  const faults = pods.flatMap(faultsOf);
  if (faults.length > 0) return { faults };
  const labels = namespaceLabelsIn(objects);
  const decided = pods.map((pod) => decideOn(pod, labels, options));
  const remarks = [...decided.flatMap(remarksOn), ...overlooked];
  if (decided.some(({ decision }) => decision.outcome === 'refuse')) return { text: null, remarks };
  const added = decided.flatMap(additionsOf);
  return { text: added.length > 0 ? printManifests(file, added) : text, remarks };
}

function placedObjects({ value, document }: Manifest) {
  return objectsIn(value).map((placed) => ({ ...placed, document }));
}

function reviewedPods(placed: ReturnType<typeof placedObjects>[number]) {
  const pod = podIn(placed);
  return pod ? [{ ...pod, document: placed.document, reviewed: reviewedPod(pod.pod) }] : [];
}

type NamespaceLabels = ReturnType<typeof namespaceLabelsIn>;
type ReviewedPlace = ReturnType<typeof reviewedPods>[number];

function faultsOf({ title, reviewed }: ReviewedPlace): string[] {
  return 'faults' in reviewed ? reviewed.faults.map((fault) => `${title}: ${fault}`) : [];
}

interface Decided extends ReviewedPlace {
  readonly workload: Workload;
  readonly decision: Decision | LeftOut;
  /** Of its sidecar; null where it gets none. */
  readonly settings: PodSettings | null;
}

function decideOn(placed: ReviewedPlace, labels: NamespaceLabels, options: RenderOptions): Decided {
  const workload = workloadOf(placed);
  const namespace = placed.namespace ?? options.namespace;
  const namespaceLabel = labels.has(namespace) ? labels.get(namespace) : options.namespaceLabel;
  const decision = judgeLeftOut(workload.pod, { namespace, namespaceLabel });
  if (decision) return { ...placed, workload, decision, settings: null };
  return { ...placed, workload, ...judge(workload, { ...options, namespace, namespaceLabel }) };
}

function workloadOf({ title, podAnnotations, otherAnnotations, labels, reviewed }: ReviewedPlace): Workload {
  const pod = 'pod' in reviewed ? reviewed.pod : {};
  // Nobody is asked what a ServiceAccount may do.
  return { title, pod, podAnnotations, otherAnnotations, labels, serviceAccount: '' };
}

function additionsOf({ document, place, decision }: Decided): PlacedOperations[] {
  return decision.outcome === 'inject' ? [{ document, place, operations: decision.operations }] : [];
}

/** With what an API server would let the webhook say to who applies the manifest. */
function remarksOn(decided: Decided): string[] {
  const { title, workload, decision, settings } = decided;
  const hints = decision.reason === 'left-out' ? [] : hintsFor(workload, { decision, settings }, resemblesOurs);
  return [remark(decided), ...hints.map((hint) => `${title}: ${hint}`)];
}

function remark({ title, decision }: Decided): string {
  switch (decision.outcome) {
    case 'inject':
      return `${title}: injected`;
    case 'refuse':
      return `${title}: refused (${decision.reason}): ${decision.message}`;
    case 'admit':
      return `${title}: left as it is (${decision.reason}): ${explanations[decision.reason]}`;
  }
}

const explanations: Record<Extract<Decided['decision'], { outcome: 'admit' }>['reason'], string> = {
  'not-asked': `neither the annotation ${domain}/inject of the pod nor the label ${namespaceLabelKey} of its namespace (--namespace-label, or its Namespace in the same file) asks`,
  'opted-out': `its annotation ${domain}/inject says so`,
  'already-injected': 'it has its sidecar',
  'left-out': 'the webhook is never asked in its namespace',
};
