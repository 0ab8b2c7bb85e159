import type { SyncSettings } from './sidecar-settings.ts';
import { scopesOf, syncIdentity, type SourceSettings } from './sync-scopes.ts';

/**
 * The names of two syncs that are the same one, as they have one source and one FOLDER, or undefined: they would share an ownership
 * record, and each remove what the other one wrote. Where NAMESPACE is unset it is `ownNamespace`.
 */
export function findSameSyncs(
  syncs: readonly { readonly name: string | null; readonly settings: SourceSettings & Pick<SyncSettings, 'FOLDER'> }[],
  ownNamespace: string,
): [string, string] | undefined {
  const groups = Map.groupBy(syncs, ({ settings }) => syncIdentity(scopesOf(settings, ownNamespace), settings.FOLDER));
  for (const [first, second] of groups.values()) {
    // Only a sync without others has no name.
    if (first && second) return [first.name ?? '', second.name ?? ''];
  }
  return undefined;
}
