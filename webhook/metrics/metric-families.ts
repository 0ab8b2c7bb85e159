import { processGauges } from '../../shared/metrics/process-gauges.ts';
import type { MetricFamilies, MetricFamily } from '../../shared/metrics/metric-family.ts';

/** What is counted as it happens, from the start of the process on. */
export const counterFamilies = {
  reviews: {
    name: 'sync_sidecar_webhook_reviews_total',
    labels: ['outcome', 'reason', 'dry_run'],
    help: 'Decisions on pods, by outcome (inject, admit, refuse) and reason. An injected pod counts twice, as injected and as already-injected. With dry_run="true" nothing was to be created.',
  },
  failures: {
    name: 'sync_sidecar_webhook_failures_total',
    labels: ['code'],
    help: 'Requests for a review that ended without a decision, by HTTP status; of 500 the log has the error. With code="none" whoever asked left before the answer: the API server does when its time is over.',
  },
  cpu: {
    name: 'process_cpu_seconds_total',
    labels: [],
    help: 'CPU time of the process, of all its threads.',
  },
} as const satisfies MetricFamilies;

export type CounterFamily = keyof typeof counterFamilies;

/** How long a review takes. */
export const reviewDuration = {
  name: 'sync_sidecar_webhook_review_duration_seconds',
  labels: [],
  help: 'Time from the head of a request for a review to its answer, parsing included, or until whoever asked left.',
} as const satisfies MetricFamily;

/** What holds at the moment of the scrape. */
export const gaugeFamilies = {
  certificateExpiry: {
    name: 'sync_sidecar_webhook_certificate_expiry_timestamp_seconds',
    labels: ['certificate'],
    help: 'When the serving certificate (serving) expires, and when what verifies it in the live caBundle does (ca).',
  },
  trusted: {
    name: 'sync_sidecar_webhook_ca_bundle_trusted',
    labels: [],
    help: '1 when the live caBundle verifies the serving certificate; 0: the API server refuses pods that ask for the sidecar. Not there with LOOKUPS=off.',
  },
  filesServed: {
    name: 'sync_sidecar_webhook_certificate_last_reload_successful',
    labels: [],
    help: '1 when TLS_CERT_FILE and TLS_KEY_FILE hold what is served; 0: they cannot be served, and what they held before still is. Not there with TLS_MODE=self.',
  },
  configuration: {
    name: 'sync_sidecar_webhook_configuration_info',
    labels: ['version'],
    help: 'Always 1; the label says which version of CONFIG_FILE is in use: the first digits of its SHA-256. Not there without such a file.',
  },
  configurationGood: {
    name: 'sync_sidecar_webhook_configuration_last_reload_successful',
    labels: [],
    help: '1 when CONFIG_FILE holds what is in use; 0: it is not accepted, and the version before it still counts.',
  },
  configurationTime: {
    name: 'sync_sidecar_webhook_configuration_last_reload_timestamp_seconds',
    labels: [],
    help: 'When CONFIG_FILE was last read anew, whether it was accepted or not.',
  },
  ready: {
    name: 'sync_sidecar_webhook_ready',
    labels: [],
    help: '1 when `/readyz` answers 200.',
  },
  build: {
    name: 'sync_sidecar_webhook_build_info',
    labels: ['version', 'node_version'],
    help: 'Always 1; the labels say which version runs.',
  },
  ...processGauges,
} as const satisfies MetricFamilies;

export type GaugeFamily = keyof typeof gaugeFamilies;
