import { lines, noneIsGood, stat, table, type Panel } from './panel.ts';

/** The sidecars that the dashboard is told to show. */
const chosen = 'namespace=~"$namespace",pod=~"$pod"';

export const sidecarPanels: readonly Panel[] = [
  stat(
    { title: 'Sidecars scraped', description: 'That Prometheus knows of.' },
    { expr: `count(sync_sidecar_build_info{${chosen}}) or vector(0)` },
  ),
  stat(
    { title: 'Objects', description: 'That the syncs select, all together.', unit: 'short' },
    { expr: `sum(sync_sidecar_objects{${chosen}})` },
  ),
  stat(
    { title: 'Files', description: 'On the volumes, that are ours.', unit: 'short' },
    { expr: `sum(sync_sidecar_files{${chosen}})` },
  ),
  problem('Not synced', {
    description: 'Syncs that have not been complete since their sidecar started. It is normal for a moment.',
    expr: `count(sync_sidecar_synced{${chosen}} == 0) or vector(0)`,
  }),
  problem('Stale', {
    description: 'Collections of which the API server has said nothing for five minutes: changes do not arrive.',
    expr: `count(sync_sidecar_contact_age_seconds{${chosen}} > 300) or vector(0)`,
  }),
  problem('Notifications pending', {
    description: 'Syncs whose application was not notified of the last change yet. It is normal for a moment.',
    expr: `sum(sync_sidecar_notification_pending{${chosen}})`,
  }),
  problem('Faults', {
    description: 'Files that cannot be written or removed.',
    expr: `sum(sync_sidecar_faults{${chosen}})`,
  }),
  problem('Forbidden', {
    description: 'What RBAC does not allow to the ServiceAccounts of the pods.',
    expr: `count(sync_sidecar_forbidden{${chosen}}) or vector(0)`,
  }),
  table(
    {
      title: 'What somebody has to look at',
      description: 'The log of the sidecar says more; docs/alerts.md says what to do.',
    },
    { expr: `count by (namespace, pod, sync, problem) (${problems()})` },
    { namespace: 'Namespace', pod: 'Pod', sync: 'Sync', problem: 'Problem' },
  ),
  lines(
    { title: 'Changes of objects', description: 'As the API server tells them.', unit: 'ops' },
    { expr: rateBy('type', 'sync_sidecar_events_total'), legend: '{{type}}' },
  ),
  lines(
    { title: 'Changes of files', description: 'Written, removed, or failed.', unit: 'ops' },
    { expr: rateBy('change', 'sync_sidecar_file_changes_total'), legend: '{{change}}' },
    { expr: `sum(${rate('sync_sidecar_file_failures_total')})`, legend: 'failed' },
  ),
  lines(
    { title: 'Notifications', description: 'Each try, of SCRIPT or REQ_URL.', unit: 'ops' },
    {
      expr: rateBy('channel, outcome', 'sync_sidecar_notifications_total'),
      legend: '{{channel}}: {{outcome}}',
    },
  ),
  lines(
    {
      title: 'Silence of the API server',
      description: 'The ten longest. A bookmark ends it each minute or so; with METHOD=SLEEP each list does.',
      unit: 's',
    },
    {
      expr: `topk(10, max by (namespace, pod, sync) (sync_sidecar_contact_age_seconds{${chosen}}))`,
      legend: '{{namespace}}/{{pod}}: {{sync}}',
    },
  ),
  lines(
    {
      title: 'Lists and watches begun again',
      description:
        'By reason; "ended" is the ordinary end of a watch. A list asks the API server for all objects again.',
      unit: 'ops',
    },
    { expr: rateBy('reason', 'sync_sidecar_relists_total'), legend: 'list: {{reason}}' },
    { expr: rateBy('reason', 'sync_sidecar_reconnects_total'), legend: 'watch: {{reason}}' },
  ),
  lines(
    { title: 'Failed requests to the API server', description: 'By reason.', unit: 'reqps' },
    { expr: rateBy('reason', 'sync_sidecar_api_failures_total'), legend: '{{reason}}' },
  ),
  lines(
    { title: 'Downloads', description: 'For .url keys, by outcome.', unit: 'ops' },
    { expr: rateBy('outcome', 'sync_sidecar_downloads_total'), legend: '{{outcome}}' },
  ),
  lines(
    { title: 'Memory of the sidecars', description: 'Resident, the ten largest.', unit: 'bytes' },
    {
      expr: `topk(10, process_resident_memory_bytes{${chosen}} and on (job, instance) sync_sidecar_build_info)`,
      legend: '{{namespace}}/{{pod}}',
    },
  ),
  lines(
    { title: 'Sidecars by version', description: 'A pod has a new one when it is created anew.', unit: 'short' },
    { expr: `count by (version) (sync_sidecar_build_info{${chosen}})`, legend: '{{version}}' },
  ),
];

function problem(title: string, { description, expr }: { description: string; expr: string }): Panel {
  return stat({ title, description }, { expr }, { steps: noneIsGood });
}

/** A query for each thing that may be amiss, told apart by the label `problem`. */
function problems(): string {
  const kinds = {
    'first sync not done': `sync_sidecar_synced{${chosen}} == 0`,
    'nothing heard from the API server': `sync_sidecar_contact_age_seconds{${chosen}} > 300`,
    'application not notified': `sync_sidecar_notification_pending{${chosen}} > 0`,
    'files not written or removed': `sync_sidecar_faults{${chosen}} > 0`,
    'files that several objects claim': `sync_sidecar_collisions{${chosen}} > 0`,
    'forbidden by RBAC': `sync_sidecar_forbidden{${chosen}} > 0`,
  };
  return Object.entries(kinds)
    .map(([name, expr]) => `label_replace(${expr}, "problem", "${name}", "", "")`)
    .join(' or ');
}

function rateBy(labels: string, counter: string): string {
  return `sum by (${labels}) (${rate(counter)})`;
}

function rate(counter: string): string {
  return `rate(${counter}{${chosen}}[$__rate_interval])`;
}
