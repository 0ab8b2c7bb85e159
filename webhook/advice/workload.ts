import type { AdmissionRequest } from '../admission-review.ts';
import { workloadKinds } from '../pod-shape.ts';
import type { Pod, PodSpec } from '../pod.ts';

export type Annotations = Readonly<Record<string, string>>;

/** Annotations, and the field that they stand in. */
export interface AnnotationsAt {
  readonly field: string;
  readonly annotations: Annotations;
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
  readonly otherAnnotations: readonly AnnotationsAt[];
  /** The name of the ServiceAccount that its pods have. */
  readonly serviceAccount: string;
}

interface Template {
  readonly metadata?: { readonly annotations?: Annotations };
  readonly spec?: PodSpec & { readonly serviceAccountName?: string };
}

interface Metadata {
  readonly name?: string;
  readonly generateName?: string;
  readonly annotations?: Annotations;
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
  const { template, jobTemplate } = spec;
  return {
    title: `${kind}/${metadata.name ?? metadata.generateName ?? ''}`,
    otherAnnotations: [
      annotationsAt('metadata', metadata),
      annotationsAt('spec.jobTemplate.metadata', jobTemplate?.metadata),
    ],
    ...(jobTemplate
      ? podsOf('spec.jobTemplate.spec.template', jobTemplate.spec?.template)
      : podsOf('spec.template', template)),
  };
}

function annotationsAt(field: string, metadata?: Metadata): AnnotationsAt {
  return { field: `${field}.annotations`, annotations: metadata?.annotations ?? {} };
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
