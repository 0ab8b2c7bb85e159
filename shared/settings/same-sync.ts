import type { SyncSettings } from './sidecar-settings.ts';
import { syncSelector } from './sync-selector.ts';

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
function identityOf(settings: Identity, ownNamespace: string): string {
  const { NAMESPACE = [ownNamespace], RESOURCE, FOLDER } = settings;
  const namespaces = NAMESPACE === 'ALL' ? NAMESPACE : NAMESPACE.toSorted();
  return JSON.stringify([syncSelector(settings), namespaces, RESOURCE, FOLDER]);
}
