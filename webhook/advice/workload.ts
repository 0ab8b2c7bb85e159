import type { AdmissionRequest } from '../admission-review.ts';
import { workloadKinds } from '../pod-shape.ts';
import type { Pod, PodSpec } from '../pod.ts';

export type Annotations = Readonly<Record<string, string>>;

/** Annotations or labels, and the field that they stand in. */
export interface NamesAt {
  readonly field: string;
  readonly names: Annotations;
}

/** What makes pods, as far as there is something to say about it. */
export interface Workload {
  /** `Deployment/grafana`. */
  readonly title: string;
  /** Its pods, as they would be created. */
  readonly pod: Pod;
  /** The field that has the annotations of its pods. */
  readonly podAnnotations: string;
  /** The annotations that no pod gets, by the field that they stand in. */
  readonly otherAnnotations: readonly NamesAt[];
  /** Labels of its pods and its own, none of which asks for anything. */
  readonly labels: readonly NamesAt[];
  /** The name of the ServiceAccount that its pods have. */
  readonly serviceAccount: string;
}

interface Template {
  readonly metadata?: Metadata;
  readonly spec?: PodSpec & { readonly serviceAccountName?: string };
}

interface Metadata {
  readonly name?: string;
  readonly generateName?: string;
  readonly annotations?: Annotations;
  readonly labels?: Annotations;
}

interface WorkloadObject {
  readonly metadata?: Metadata;
  readonly spec?: {
    readonly template?: Template;
    readonly jobTemplate?: { readonly metadata?: Metadata; readonly spec?: { readonly template?: Template } };
  };
}

/** The Deployment, StatefulSet, DaemonSet, Job or CronJob of a request; null where it is for something else. */
export function readWorkload({ kind, object }: AdmissionRequest): Workload | null {
  if (!workloadKinds.includes(kind)) return null;
  const { metadata = {}, spec = {} } = object as WorkloadObject;
  const own = [{ field: 'metadata', metadata }, ...placed('spec.jobTemplate.metadata', spec.jobTemplate?.metadata)];
  const { field, pods } = templateOf(spec);
  return {
    title: `${kind}/${metadata.name ?? metadata.generateName ?? ''}`,
    otherAnnotations: own.map((at) => namesAt(at, 'annotations')),
    labels: labelsOf(own, placed(`${field}.metadata`, pods?.metadata)),
    ...podsOf(field, pods),
  };
}

function templateOf({ template, jobTemplate }: NonNullable<WorkloadObject['spec']>): {
  field: string;
  pods?: Template;
} {
  const [field, pods] = jobTemplate
    ? ['spec.jobTemplate.spec.template', jobTemplate.spec?.template]
    : ['spec.template', template];
  return { field, ...(pods && { pods }) };
}

interface MetadataAt {
  readonly field: string;
  readonly metadata: Metadata;
}

function placed(field: string, metadata: Metadata | undefined): MetadataAt[] {
  return metadata ? [{ field, metadata }] : [];
}

function namesAt({ field, metadata }: MetadataAt, which: 'annotations' | 'labels'): NamesAt {
  return { field: `${field}.${which}`, names: metadata[which] ?? {} };
}

/** Those of the pods, and of the workload what its pods have not: a Job without labels has those of its pods. */
function labelsOf(own: readonly MetadataAt[], pods: readonly MetadataAt[]): NamesAt[] {
  const ofPods = pods.map((at) => namesAt(at, 'labels'));
  const isOfPods = (key: string): boolean => ofPods.some(({ names }) => Object.hasOwn(names, key));
  const others = own.map((at) => {
    const { field, names } = namesAt(at, 'labels');
    return { field, names: Object.fromEntries(Object.entries(names).filter(([key]) => !isOfPods(key))) };
  });
  return [...ofPods, ...others];
}

function podsOf(
  field: string,
  { metadata = {}, spec = {} }: Template = {},
): Pick<Workload, 'pod' | 'podAnnotations' | 'serviceAccount'> {
  return {
    pod: { metadata, spec },
    podAnnotations: `${field}.metadata.annotations`,
    // As admission sets it in a pod that says nothing.
    serviceAccount: spec.serviceAccountName ?? 'default',
  };
}
