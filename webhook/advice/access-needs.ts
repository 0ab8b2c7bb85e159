import { scopesOf, type Scope } from '../../shared/settings/sync-scopes.ts';
import type { PodSettings } from '../pod-settings.ts';

export type Verb = 'get' | 'list' | 'watch';

/** What a sidecar reads of one collection. */
export interface AccessNeed {
  readonly resource: 'configmaps' | 'secrets';
  /** Absent: all namespaces. */
  readonly namespace?: string;
  /** Absent: all objects. */
  readonly name?: string;
  /** Sets of verbs of which one is enough. */
  readonly enough: readonly (readonly Verb[])[];
  /** What is worth granting where none is. */
  readonly verbs: readonly Verb[];
}

/** What the sidecar with these settings, in a pod of `namespace`, has to be allowed, each once. */
export function accessNeeds({ syncs }: PodSettings, namespace: string): AccessNeed[] {
  const needs = syncs.flatMap(({ settings }) =>
    scopesOf(settings, namespace).map((scope) => needOf(scope, settings.METHOD === 'WATCH')),
  );
  return [...new Map(needs.map((need) => [JSON.stringify(need), need])).values()];
}

function needOf({ kind, namespace, name }: Scope, watches: boolean): AccessNeed {
  // One object in one namespace is asked for by GET, or by LIST, where it may not be watched.
  const isObject = name !== undefined && namespace !== undefined;
  const enough: Verb[][] = isObject ? [['get'], ['list']] : [watches ? ['list', 'watch'] : ['list']];
  return {
    resource: `${kind}s`,
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
    enough,
    verbs: watches ? ['get', 'list', 'watch'] : isObject ? ['get'] : ['get', 'list'],
  };
}
