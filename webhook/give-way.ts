import { labelSelector } from '../shared/settings/kubernetes-kind.ts';
import type { SyncSettings } from '../shared/settings/sidecar-settings.ts';
import { syncSelector } from '../shared/settings/sync-selector.ts';
import { strengthOf, type PodSettings } from './pod-settings.ts';
import { hasSecrets } from './shared-volume.ts';

/** The settings without what the platform says and what can't be beside what counts more: no default makes a pod impossible. */
export function giveWay(settings: PodSettings): PodSettings {
  return withWholeSelectors(withSecretsInMemory(settings));
}

/** Secrets never get to a disk, whatever defaults and profiles say; a pod that says it itself is refused. */
function withSecretsInMemory(settings: PodSettings): PodSettings {
  const { process } = settings;
  if (process.VOLUME_MEDIUM !== 'disk' || isPods(settings, 'VOLUME_MEDIUM') || !hasSecrets(settings)) return settings;
  // As much as a disk may hold could be more memory than a node has.
  const VOLUME_SIZE_LIMIT = isPods(settings, 'VOLUME_SIZE_LIMIT') ? process.VOLUME_SIZE_LIMIT : undefined;
  return { ...settings, process: { ...process, VOLUME_MEDIUM: undefined, VOLUME_SIZE_LIMIT } };
}

function isPods(settings: PodSettings, row: 'VOLUME_MEDIUM' | 'VOLUME_SIZE_LIMIT'): boolean {
  return strengthOf(settings, row) === 0;
}

/** A label that is a whole selector takes no value beside it. */
function withWholeSelectors(settings: PodSettings): PodSettings {
  const mayStay = (name: string | null, sync: Pick<SyncSettings, 'LABEL' | 'LABEL_VALUE'>): boolean =>
    strengthOf(settings, 'LABEL_VALUE', name) <= strengthOf(settings, 'LABEL', name) ||
    labelSelector.parse(syncSelector(sync)) !== undefined;
  const syncs = settings.syncs.map(({ name, settings: sync }) =>
    mayStay(name, sync) ? { name, settings: sync } : { name, settings: { ...sync, LABEL_VALUE: undefined } },
  );
  return { ...settings, syncs };
}
