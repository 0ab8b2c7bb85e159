import type { NamedSync, Settings } from './read-settings.ts';
import { downloadSettings } from './sidecar-download-settings.ts';
import { fileSettings } from './sidecar-file-settings.ts';
import { notificationSettings } from './sidecar-notification-settings.ts';
import { processSettings } from './sidecar-process-settings.ts';
import { sourceSettings } from './sidecar-source-settings.ts';

/** Every setting of the sidecar. Names, meanings and defaults are those of kiwigrid/k8s-sidecar where it has them. */
export const sidecarSettings = {
  process: processSettings,
  sync: { ...sourceSettings, ...fileSettings, ...notificationSettings, ...downloadSettings },
};

export type SidecarTable = typeof sidecarSettings;
export type SidecarSettings = Settings<SidecarTable>;
export type ProcessSettings = SidecarSettings['process'];
export type SyncSettings = NamedSync<SidecarTable['sync']>['settings'];
