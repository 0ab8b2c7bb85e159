import type { PathPart } from './add-to-document.ts';
import { fieldsOf, isMapping, namespaceOf, titleOf, type Fields, type PlacedObject } from './manifest-objects.ts';

/** A pod, or the template of pods, in a manifest. */
export interface PlacedPod {
  /** Where in the manifest. */
  readonly place: readonly PathPart[];
  readonly pod: unknown;
  /** Whose it is, for messages: `shop/Deployment grafana`. */
  readonly title: string;
  readonly namespace: string | undefined;
  /** The annotations of what makes the pods, which are not theirs. */
  readonly workloadAnnotations: Fields;
}

/** The pod, or the template of pods, that an object has; undefined for one of another kind, or without a template. */
export function podIn({ object, place }: PlacedObject): PlacedPod | undefined {
  const template = templates.get(object.kind);
  const pod = template?.reduce((content: unknown, field) => fieldsOf(content)[field], object);
  if (!template || !isMapping(pod)) return undefined;
  return {
    place: [...place, ...template],
    pod,
    title: titleOf(object),
    namespace: namespaceOf(object),
    workloadAnnotations: template.length > 0 ? fieldsOf(fieldsOf(object.metadata).annotations) : {},
  };
}

const inSpec = ['spec', 'template'];

/** Where each kind has its pod. */
const templates: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['Pod', []],
  ['PodTemplate', ['template']],
  ['Deployment', inSpec],
  ['StatefulSet', inSpec],
  ['DaemonSet', inSpec],
  ['ReplicaSet', inSpec],
  ['ReplicationController', inSpec],
  ['Job', inSpec],
  ['CronJob', ['spec', 'jobTemplate', ...inSpec]],
]);
