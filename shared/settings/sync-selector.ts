import type { SyncSettings } from './sidecar-settings.ts';

/** The label selector of a sync, as the API server takes it. */
export function syncSelector({ LABEL, LABEL_VALUE }: Pick<SyncSettings, 'LABEL' | 'LABEL_VALUE'>): string {
  return LABEL_VALUE ? `${LABEL}=${LABEL_VALUE}` : LABEL;
}
