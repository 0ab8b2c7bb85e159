import { lines, noneIsGood, stat, type Panel } from './panel.ts';

/** There is one webhook in a cluster, so none of its queries asks for a namespace. */
export const webhookPanels: readonly Panel[] = [
  stat(
    { title: 'Replicas ready', description: 'While none is, pods that ask for the sidecar are refused.' },
    { expr: 'sum(sync_sidecar_webhook_ready) or vector(0)' },
    {
      width: 4,
      steps: [
        { color: 'red', value: null },
        { color: 'yellow', value: 1 },
        { color: 'green', value: 2 },
      ],
    },
  ),
  stat(
    {
      title: 'Trusted by the API server',
      description: 'Whether the caBundle verifies what every replica serves. Not known with LOOKUPS=off.',
    },
    { expr: 'min(sync_sidecar_webhook_ca_bundle_trusted)' },
    {
      width: 4,
      steps: [
        { color: 'red', value: null },
        { color: 'green', value: 1 },
      ],
      fields: { mappings: [{ type: 'value', options: { 0: { text: 'no' }, 1: { text: 'yes' } } }] },
    },
  ),
  stat(
    {
      title: 'Certificates expire in',
      description: 'Of all replicas, the one that expires first. They are renewed long before.',
      unit: 's',
    },
    {
      expr: 'min by (certificate) (sync_sidecar_webhook_certificate_expiry_timestamp_seconds) - time()',
      legend: '{{certificate}}',
    },
    {
      width: 4,
      textMode: 'value_and_name',
      steps: [
        { color: 'red', value: null },
        { color: 'green', value: 24 * 3600 },
      ],
    },
  ),
  stat(
    { title: 'Pods injected', description: 'In the time shown.', unit: 'short' },
    {
      expr: 'round(sum(increase(sync_sidecar_webhook_reviews_total{outcome="inject",dry_run="false"}[$__range])))',
    },
    { width: 4 },
  ),
  stat(
    {
      title: 'Pods refused',
      description: 'In the time shown; a controller tries again and again. Reasons: docs/metrics.md.',
      unit: 'short',
    },
    {
      expr: 'round(sum(increase(sync_sidecar_webhook_reviews_total{outcome="refuse",dry_run="false"}[$__range])))',
    },
    { width: 4, steps: noneIsGood },
  ),
  stat(
    {
      title: 'Configuration',
      description: 'Which version is in use. Replicas with different ones have not all read the last change yet.',
    },
    { expr: 'count by (version) (sync_sidecar_webhook_configuration_info)', legend: '{{version}}' },
    { width: 4, textMode: 'name' },
  ),
  lines(
    {
      title: 'Decisions by reason',
      description: 'Dry runs left out. An injected pod counts twice, as injected and as already-injected.',
      unit: 'reqps',
    },
    {
      expr: 'sum by (outcome, reason) (rate(sync_sidecar_webhook_reviews_total{dry_run="false"}[$__rate_interval])) > 0',
      legend: '{{outcome}}: {{reason}}',
    },
  ),
  lines(
    {
      title: 'Time of a review',
      description: 'The API server waits for 5 s, and refuses the pod then.',
      unit: 's',
    },
    { expr: quantile(0.5), legend: 'p50' },
    { expr: quantile(0.99), legend: 'p99' },
  ),
  lines(
    {
      title: 'Reviews without a decision',
      description: 'By HTTP status: 500 has its error in the log, none: the API server did not wait for the answer.',
      unit: 'reqps',
    },
    {
      expr: 'sum by (code) (rate(sync_sidecar_webhook_failures_total[$__rate_interval]))',
      legend: '{{code}}',
    },
  ),
  lines(
    {
      title: 'Replicas',
      description:
        '1: ready; its last reload of the configuration, and of the certificate where it comes as files, was successful.',
    },
    { expr: 'sync_sidecar_webhook_ready', legend: '{{pod}}: ready' },
    { expr: 'sync_sidecar_webhook_configuration_last_reload_successful', legend: '{{pod}}: configuration' },
    { expr: 'sync_sidecar_webhook_certificate_last_reload_successful', legend: '{{pod}}: certificate' },
  ),
  lines(
    { title: 'Memory of the webhook', description: 'Resident, by replica.', unit: 'bytes' },
    {
      expr: 'process_resident_memory_bytes and on (job, instance) sync_sidecar_webhook_build_info',
      legend: '{{pod}}',
    },
  ),
  lines(
    { title: 'CPU of the webhook', description: 'In cores, by replica.', unit: 'short' },
    {
      expr: 'rate(process_cpu_seconds_total[$__rate_interval]) and on (job, instance) sync_sidecar_webhook_build_info',
      legend: '{{pod}}',
    },
  ),
];

function quantile(share: number): string {
  const buckets = 'rate(sync_sidecar_webhook_review_duration_seconds_bucket[$__rate_interval])';
  return `histogram_quantile(${share}, sum by (le) (${buckets}))`;
}
