import { isRecord } from '../../shared/is-record.ts';
import type { Annotations, NamesAt } from '../advice/workload.ts';
import type { PathPart } from './additions.ts';
import { fieldsOf, namespaceOf, titleOf, type Fields, type PlacedObject } from './manifest-objects.ts';

/** A pod, or the template of pods, in a manifest. */
export interface PlacedPod {
  /** Where in the manifest. */
  readonly place: readonly PathPart[];
  readonly pod: unknown;
  /** Whose it is, for messages: `shop/Deployment grafana`. */
  readonly title: string;
  readonly namespace: string | undefined;
  /** The field of its object that has its annotations. */
  readonly podAnnotations: string;
  /** The annotations of what makes the pods, which are not theirs. */
  readonly otherAnnotations: readonly NamesAt[];
  /** Labels, its own too. */
  readonly labels: readonly NamesAt[];
}

/** The pod, or the template of pods, that an object has; undefined for one of another kind, or without a template. */
export function podIn({ object, place }: PlacedObject): PlacedPod | undefined {
  const template = templates.get(object.kind as string);
  if (!template) return undefined;
  const pod = template.reduce((content: unknown, field) => fieldsOf(content)[field], object);
  if (!isRecord(pod)) return undefined;
  return {
    place: [...place, ...template],
    pod,
    title: titleOf(object),
    namespace: namespaceOf(object),
    podAnnotations: fieldIn(template, 'annotations'),
    otherAnnotations: template.map((_field, depth) => namesAt(object, template.slice(0, depth), 'annotations')),
    labels: [...template.keys(), template.length].map((depth) => namesAt(object, template.slice(0, depth), 'labels')),
  };
}

/** What has metadata on the way to the template: the object, and the Jobs of a CronJob. */
function namesAt(object: Fields, path: readonly string[], which: 'annotations' | 'labels'): NamesAt {
  const { metadata } = fieldsAt(object, path);
  const texts = Object.entries(fieldsOf(fieldsOf(metadata)[which])).map(([key, value]) => [key, String(value)]);
  return { field: fieldIn(path, which), names: Object.fromEntries(texts) as Annotations };
}

function fieldIn(path: readonly string[], which: 'annotations' | 'labels'): string {
  return [...path, 'metadata', which].join('.');
}

function fieldsAt(object: Fields, path: readonly string[]): Fields {
  return path.reduce((content, field) => fieldsOf(content[field]), object);
}

const inSpec = ['spec', 'template'];

/** Where each kind has its pod. */
const templates = new Map<string, readonly string[]>([
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

/** The kinds that are looked at. */
export const workloadKinds: readonly string[] = [...templates.keys()];
