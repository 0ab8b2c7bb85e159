import type { ApiClient } from '../shared/kubernetes/api-client.ts';
import { MalformedAnswerError } from '../shared/kubernetes/api-failure.ts';
import type { KubernetesObject } from '../shared/kubernetes/object.ts';
import { resourcePath, type ResourceScope } from '../shared/kubernetes/resource-path.ts';
import type { SyncSettings } from '../shared/settings/sidecar-settings.ts';
import { syncSelector } from '../shared/settings/sync-selector.ts';

/** The kinds that are synced, as file names and settings spell them. */
export type ResourceKind = 'configmap' | 'secret';

/** One collection that is listed and watched: a kind, in one namespace or in all. */
export interface Scope {
  readonly kind: ResourceKind;
  /** Absent: every namespace. */
  readonly namespace?: string;
  readonly labelSelector: string;
}

/** The collections of a sync, Secrets first as kiwigrid/k8s-sidecar does, so that a ConfigMap wins nowhere by being first. */
export function scopesOf(settings: SyncSettings, ownNamespace: string): Scope[] {
  const kinds: ResourceKind[] = settings.RESOURCE === 'both' ? ['secret', 'configmap'] : [settings.RESOURCE];
  const namespaces = settings.NAMESPACE ?? [ownNamespace];
  const labelSelector = syncSelector(settings);
  return kinds.flatMap((kind): Scope[] =>
    namespaces === 'ALL'
      ? [{ kind, labelSelector }]
      : namespaces.map((namespace) => ({ kind, namespace, labelSelector })),
  );
}

/** The collection in the API server's words. */
export function resourceScope({ kind, ...rest }: Scope): ResourceScope {
  return { apiPath: '/api/v1', plural: `${kind}s`, ...rest };
}

/** A scope for people: `configmaps in namespace "x"`. */
export function describeScope({ kind, namespace }: Scope): string {
  return `${kind}s ${namespace === undefined ? 'in all namespaces' : `in namespace "${namespace}"`}`;
}

/**
 * The object of a key as it is now, or null when it is gone or no longer selected. Asked by a LIST with a field selector, which
 * needs no other permission than the one that the sync has anyway.
 */
export async function fetchObject(
  client: ApiClient,
  scope: Scope,
  { key, signal }: { key: string; signal: AbortSignal },
): Promise<KubernetesObject | null> {
  const [, namespace = '', name = ''] = key.split('/');
  const { labelSelector } = scope;
  const path = resourcePath(resourceScope({ ...scope, namespace }));
  const query = { labelSelector, fieldSelector: `metadata.name=${name}` };
  const list = (await client.request({ method: 'GET', path, query, signal })) as { items?: KubernetesObject[] } | null;
  // Only a list without items says that the object is gone.
  if (!Array.isArray(list?.items)) throw new MalformedAnswerError(`the API server sent no list of ${path}`);
  return list.items[0] ?? null;
}

/** The key of an object of a scope: kind, namespace and name. */
export function objectKey({ kind }: Scope, { metadata }: KubernetesObject): string {
  return `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
}

/** Whether a key can stand for an object of the scope. */
export function covers({ kind, namespace }: Scope, key: string): boolean {
  return key.startsWith(namespace === undefined ? `${kind}/` : `${kind}/${namespace}/`);
}
