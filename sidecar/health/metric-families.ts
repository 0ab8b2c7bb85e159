import { processGauges } from '../../shared/metrics/process-gauges.ts';
import type { MetricFamilies } from '../../shared/metrics/metric-family.ts';

/** What is counted as it happens, from the start of the process on. */
export const counterFamilies = {
  events: {
    name: 'sync_sidecar_events_total',
    labels: ['sync', 'type'],
    help: 'Objects that were created (ADDED), changed (MODIFIED) or deleted (DELETED).',
  },
  fileChanges: {
    name: 'sync_sidecar_file_changes_total',
    labels: ['sync', 'change'],
    help: 'Files written and removed; a file that had the right content already is not counted.',
  },
  fileFailures: {
    name: 'sync_sidecar_file_failures_total',
    labels: ['sync'],
    help: 'Times that a file could not be written or removed.',
  },
  relists: {
    name: 'sync_sidecar_relists_total',
    labels: ['scope', 'reason'],
    help: 'Times that a whole collection was listed again, by reason; the first list is not counted.',
  },
  reconnects: {
    name: 'sync_sidecar_reconnects_total',
    labels: ['scope', 'reason'],
    help: 'Times that a watch was resumed at its last version, by reason; "ended" is its ordinary end.',
  },
  apiFailures: {
    name: 'sync_sidecar_api_failures_total',
    labels: ['scope', 'reason'],
    help: 'Requests to the API server that failed, by reason.',
  },
  notifications: {
    name: 'sync_sidecar_notifications_total',
    labels: ['sync', 'channel', 'outcome'],
    help: 'Notifications of the application, each try counted: by SCRIPT or REQ_URL, success or failure.',
  },
  downloads: {
    name: 'sync_sidecar_downloads_total',
    labels: ['sync', 'outcome'],
    help: 'Downloads for .url keys: changed or unchanged content, or failure.',
  },
} as const satisfies MetricFamilies;

export type CounterFamily = keyof typeof counterFamilies;

/** What holds at the moment of the scrape. */
export const gaugeFamilies = {
  objects: {
    name: 'sync_sidecar_objects',
    labels: ['sync'],
    help: 'Objects that the sync selects.',
  },
  files: {
    name: 'sync_sidecar_files',
    labels: ['sync'],
    help: 'Files on the volume that are ours.',
  },
  bytes: {
    name: 'sync_sidecar_bytes',
    labels: ['sync'],
    help: 'Size of these files.',
  },
  collisions: {
    name: 'sync_sidecar_collisions',
    labels: ['sync'],
    help: 'Paths that several objects claim; the oldest object has it, the log names them.',
  },
  faults: {
    name: 'sync_sidecar_faults',
    labels: ['sync'],
    help: 'Paths that are not as they should be and are tried again; the log says why.',
  },
  complete: {
    name: 'sync_sidecar_complete',
    labels: ['sync'],
    help: '1 when a complete sync is on the volume, by this process or an earlier one.',
  },
  synced: {
    name: 'sync_sidecar_synced',
    labels: ['sync'],
    help: '1 when this process has done its first complete sync.',
  },
  notificationPending: {
    name: 'sync_sidecar_notification_pending',
    labels: ['sync'],
    help: '1 while files have changed and the application was not notified successfully since.',
  },
  notificationSuccess: {
    name: 'sync_sidecar_notification_last_success_timestamp_seconds',
    labels: ['sync'],
    help: 'When the application was last notified of all changes; there is none before the first time.',
  },
  contactAge: {
    name: 'sync_sidecar_contact_age_seconds',
    labels: ['sync', 'scope'],
    help: 'Time since the API server last said anything about this collection, bookmarks included.',
  },
  forbidden: {
    name: 'sync_sidecar_forbidden',
    labels: ['sync', 'scope', 'verb', 'resource'],
    help: '1 for what the API server refuses to this ServiceAccount (RBAC).',
  },
  build: {
    name: 'sync_sidecar_build_info',
    labels: ['version', 'node_version'],
    help: 'Always 1; the labels say which version runs.',
  },
  ...processGauges,
} as const satisfies MetricFamilies;

export type GaugeFamily = keyof typeof gaugeFamilies;
