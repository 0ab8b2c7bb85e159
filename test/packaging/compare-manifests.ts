import type { Manifest } from '../product/webhook-manifests.ts';

/** What manifests say, in an order of their own, without what Helm alone has: its labels, its tests, and no Namespace. */
export function withoutHelm(manifests: readonly Manifest[]): Manifest[] {
  return manifests
    .filter((manifest) => manifest.kind !== 'Namespace' && !isHook(manifest))
    .map((manifest) => sortLists(withoutHelmLabels(manifest)))
    .sort((a, b) => compare(nameOf(a), nameOf(b)));
}

/** Whether it is one of those that Helm makes for a moment. */
export function isHook({ metadata }: Manifest): boolean {
  return 'helm.sh/hook' in (metadata.annotations ?? {});
}

/** KIND NAME, or KIND NAMESPACE/NAME. */
export function nameOf({ kind, metadata: { namespace, name } }: Manifest): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

// https://helm.sh/docs/chart_best_practices/labels/
const helmLabels = new Set([
  'app.kubernetes.io/instance',
  'app.kubernetes.io/managed-by',
  'app.kubernetes.io/version',
  'helm.sh/chart',
]);

/** A manifest without the labels by which Helm knows its own, of which some are new with every version. */
export function withoutHelmLabels(manifest: Manifest): Manifest {
  const { metadata } = manifest;
  const labels = Object.entries(metadata.labels ?? {}).filter(([label]) => !helmLabels.has(label));
  return { ...manifest, metadata: { ...metadata, labels: Object.fromEntries(labels) } };
}

/** Lists whose order means nothing: a patch of kustomize puts its items first. No variable of ours is made of others. */
const unordered = new Set(['env', 'volumes', 'volumeMounts']);

function sortLists<T>(value: T): T {
  if (Array.isArray(value)) return value.map((item: unknown) => sortLists(item)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, content]: [string, unknown]) => [
      field,
      sortIfUnordered(field, sortLists(content)),
    ]),
  ) as T;
}

function sortIfUnordered(field: string, content: unknown): unknown {
  if (!unordered.has(field) || !Array.isArray(content)) return content;
  return content.toSorted((a: { name: string }, b: { name: string }) => compare(a.name, b.name));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
