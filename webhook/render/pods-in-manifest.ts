import type { PathPart } from './add-to-document.ts';

/** A pod, or the template of pods, in a manifest. */
export interface PlacedPod {
  /** Where in the manifest. */
  readonly place: readonly PathPart[];
  readonly pod: unknown;
  /** Whose it is, for messages: `Deployment grafana`. */
  readonly title: string;
  readonly namespace: string | undefined;
  /** The annotations of what makes the pods, which are not theirs. */
  readonly workloadAnnotations: Readonly<Record<string, unknown>>;
}

/** The pods that come of a manifest; none of one of another kind, nor of one without a template. */
export function podsInManifest(value: unknown, place: readonly PathPart[] = []): PlacedPod[] {
  const { kind, items } = recordOf(value);
  if (kind === 'List' && Array.isArray(items)) {
    return items.flatMap((item, index) => podsInManifest(item, [...place, 'items', index]));
  }
  const template = templates.get(kind);
  const pod = template?.reduce((content: unknown, field) => recordOf(content)[field], value);
  return template && isRecord(pod) ? [placedPod(recordOf(value), { pod, template, place })] : [];
}

interface Template {
  readonly pod: unknown;
  readonly template: readonly string[];
  readonly place: readonly PathPart[];
}

function placedPod({ kind, metadata }: Record<string, unknown>, { pod, template, place }: Template): PlacedPod {
  const { name, generateName, namespace, annotations } = recordOf(metadata);
  const [called = 'without a name'] = [name, generateName].filter((text) => typeof text === 'string');
  return {
    place: [...place, ...template],
    pod,
    title: `${kind as string} ${called}`,
    namespace: typeof namespace === 'string' ? namespace : undefined,
    workloadAnnotations: template.length > 0 ? recordOf(annotations) : {},
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

function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
