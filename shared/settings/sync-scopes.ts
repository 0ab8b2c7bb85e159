import type { SyncSettings } from './sidecar-settings.ts';
import { syncSelector } from './sync-selector.ts';

/** The kinds that are synced, as file names and settings spell them. */
export type ResourceKind = 'configmap' | 'secret';

/** One collection that is listed and watched: a kind, in one namespace or in all, narrowed by labels or to one name. */
export interface Scope {
  readonly kind: ResourceKind;
  /** Absent: every namespace. */
  readonly namespace?: string;
  /** Absent with a name. */
  readonly labelSelector?: string;
  /** The name that the objects have, whatever their labels. */
  readonly name?: string;
}

/** What says which objects a sync has. */
export type SourceSettings = Pick<SyncSettings, 'LABEL' | 'LABEL_VALUE' | 'NAMESPACE' | 'RESOURCE' | 'RESOURCE_NAME'>;

/**
 * The collections of a sync, no object in two of them; Secrets first as kiwigrid/k8s-sidecar does, so that a ConfigMap wins
 * nowhere by being first. Where NAMESPACE is unset it is `ownNamespace`.
 */
export function scopesOf(settings: SourceSettings, ownNamespace: string): Scope[] {
  const kinds = kindsOfResource(settings);
  const { NAMESPACE: namespaces = [ownNamespace] } = settings;
  const places: Place[] = namespaces === 'ALL' ? [{}] : namespaces.map((namespace) => ({ namespace }));
  if (settings.RESOURCE_NAME) return namedScopes(settings.RESOURCE_NAME, kinds, places);
  const labelSelector = syncSelector(settings);
  return kinds.flatMap((kind) => places.map((place) => ({ kind, ...place, labelSelector })));
}

/** The kinds of a sync's collections: RESOURCE_NAME may name others than RESOURCE does. */
export function kindsOf(settings: Pick<SourceSettings, 'RESOURCE' | 'RESOURCE_NAME'>): ResourceKind[] {
  const kinds = kindsOfResource(settings);
  return settings.RESOURCE_NAME ? [...new Set(settings.RESOURCE_NAME.flatMap(({ kind }) => kind ?? kinds))] : kinds;
}

function kindsOfResource({ RESOURCE }: Pick<SourceSettings, 'RESOURCE'>): ResourceKind[] {
  return RESOURCE === 'both' ? ['secret', 'configmap'] : [RESOURCE];
}

/** The same text for a sync of the same objects in the same folder, whatever the order in which they are named. */
export function syncIdentity(scopes: readonly Scope[], folder: string): string {
  const sources = scopes.map(({ kind, namespace, labelSelector, name }) => [kind, namespace, labelSelector, name]);
  return JSON.stringify([folder, ...sources.map((source) => JSON.stringify(source)).sort()]);
}

type Place = Pick<Scope, 'namespace'>;

function namedScopes(
  names: NonNullable<SourceSettings['RESOURCE_NAME']>,
  kinds: readonly ResourceKind[],
  places: readonly Place[],
): Scope[] {
  const scopes = names.flatMap(({ name, kind, namespace }) =>
    (kind ? [kind] : kinds).flatMap((oneKind) =>
      (namespace === undefined ? places : [{ namespace }]).map((place): Scope => ({ kind: oneKind, ...place, name })),
    ),
  );
  const everywhere = new Set(scopes.filter(({ namespace }) => namespace === undefined).map(kindAndName));
  const needed = scopes.filter((scope) => scope.namespace === undefined || !everywhere.has(kindAndName(scope)));
  return [...new Map(needed.map((scope) => [`${scope.namespace}/${kindAndName(scope)}`, scope])).values()];
}

function kindAndName({ kind, name }: Scope): string {
  return `${kind}/${name}`;
}
