import { domain } from '../shared/settings/naming.ts';
import { version } from '../shared/version.ts';
import type { PodSettings } from './pod-settings.ts';

/** What an injected pod says of its injection, for people and their tools; nothing of ours decides by it. */
export const statusKey = `${domain}/status`;

/** The value of the annotation. The names are those of the sidecar's log and metrics, where a sync without a name is `sync`. */
export function statusOf(profile: string, { syncs }: PodSettings): string {
  return JSON.stringify({ reason: 'injected', version, profile, syncs: syncs.map(({ name }) => name ?? 'sync') });
}

/** The annotations that a person wrote: what stands in a copy of an injected pod is no setting. */
export function withoutStatus(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (!Object.hasOwn(annotations, statusKey)) return annotations;
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => key !== statusKey));
}
