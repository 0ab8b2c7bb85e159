import type { SyncSettings } from './sidecar-settings.ts';

type Identity = Pick<SyncSettings, 'LABEL' | 'LABEL_VALUE' | 'NAMESPACE' | 'RESOURCE' | 'FOLDER'>;

/**
 * The names of two syncs that are the same one, as they have one source and one FOLDER, or undefined: they would share an ownership
 * record, and each remove what the other one wrote. Where NAMESPACE is unset it is `ownNamespace`.
 */
export function findSameSyncs(
  syncs: readonly { readonly name: string | null; readonly settings: Identity }[],
  ownNamespace: string,
): [string, string] | undefined {
  const groups = Map.groupBy(syncs, ({ settings }) => identityOf(settings, ownNamespace));
  for (const [first, second] of groups.values()) {
    // Only a sync without others has no name.
    if (first && second) return [first.name ?? '', second.name ?? ''];
  }
  return undefined;
}

/** The same text for settings that mean the same. */
function identityOf({ LABEL, LABEL_VALUE, RESOURCE, FOLDER, ...given }: Identity, ownNamespace: string): string {
  const selector = LABEL_VALUE ? `${LABEL}=${LABEL_VALUE}` : LABEL;
  const { NAMESPACE = [ownNamespace] } = given;
  const namespaces = NAMESPACE === 'ALL' ? NAMESPACE : NAMESPACE.toSorted();
  return JSON.stringify([selector, namespaces, RESOURCE, FOLDER]);
}
