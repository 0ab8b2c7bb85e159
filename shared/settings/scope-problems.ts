import type { Naming } from './naming.ts';
import type { Problem } from './problem.ts';
import { kindsOf, type SourceSettings } from './sync-scopes.ts';

// Each is a watch of its own, for the sidecar and for the API server. Whoever has more to sync takes ALL and a label: one watch.
export const mostScopes = 1000;

interface NamedSource {
  readonly name: string | null;
  readonly settings: SourceSettings;
}

/** One problem where the syncs have more collections than a sidecar can watch, told of the sync that has the most. */
export function scopeProblems(syncs: readonly NamedSource[], naming: Naming): Problem[] {
  const counts = syncs.map(({ settings }) => countScopes(settings));
  const count = counts.reduce((sum, one) => sum + one, 0);
  const largest = syncs[counts.indexOf(Math.max(...counts))];
  if (count <= mostScopes || !largest) return [];
  const spell = (row: string): string => naming.spell({ row, sync: largest.name });
  const [where, ...others] = [...(largest.settings.RESOURCE_NAME ? ['RESOURCE_NAME'] : []), 'NAMESPACE', 'RESOURCE'];
  const whose = syncs.length > 1 ? ` of all ${syncs.length} syncs` : '';
  return [
    {
      where: spell(where ?? ''),
      kind: 'not-accepted',
      fault: `with ${others.map(spell).join(' and ')} makes ${count} collections to watch${whose}`,
      accepts: `at most ${mostScopes}: one for each name, in each namespace, of each kind; ${spell('NAMESPACE')}=ALL counts as one namespace`,
    },
  ];
}

/** Without making them, as names times namespaces times kinds may be millions; what is named twice counts twice. */
function countScopes(settings: SourceSettings): number {
  const { NAMESPACE, RESOURCE_NAME } = settings;
  const namespaces = Array.isArray(NAMESPACE) ? NAMESPACE.length : 1;
  const kinds = kindsOf({ ...settings, RESOURCE_NAME: undefined }).length;
  if (!RESOURCE_NAME) return namespaces * kinds;
  return RESOURCE_NAME.reduce((sum, one) => sum + (one.kind ? 1 : kinds) * (one.namespace ? 1 : namespaces), 0);
}
