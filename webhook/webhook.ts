import { once } from 'node:events';
import { sleep } from '../shared/backoff.ts';
import { ApiClient } from '../shared/kubernetes/api-client.ts';
import { loadClusterAccess } from '../shared/kubernetes/load-cluster-access.ts';
import { SettingsError, type Surroundings } from '../shared/program.ts';
import { AccessReviews } from './advice/access-reviews.ts';
import { createWorkloadReviewer } from './advice/review-workload.ts';
import { createApp } from './app.ts';
import { CertificateStatus } from './certificate-status.ts';
import { openCertificates } from './certificates.ts';
import { openConfiguration, type LiveConfiguration } from './live-configuration.ts';
import { CountingMeter } from './metrics/meter.ts';
import type { MetricFacts, WebhookProcessFacts } from './metrics/metrics.ts';
import { serveMetrics } from './metrics/serve-metrics.ts';
import { Namespaces, unseenNamespaces } from './namespaces.ts';
import { toldReadiness } from './readiness.ts';
import { createReviewer } from './review.ts';
import { Server } from './server.ts';
import { conflictingSettings, ineffectiveSettings } from './settings-in-effect.ts';
import type { WebhookSettings } from './settings.ts';

export interface WebhookOptions extends Surroundings {
  readonly settings: WebhookSettings;
  readonly processFacts: () => WebhookProcessFacts;
  /** Milliseconds from any time on, for durations. */
  readonly clock: () => number;
}

/** Serves admission reviews until SHUTDOWN_DELAY after `signal` is aborted; rejects when it can't begin. */
export async function runWebhook(options: WebhookOptions): Promise<void> {
  const { settings, now, log } = options;
  const problems = conflictingSettings(settings);
  if (problems.length > 0) throw new SettingsError(problems);
  const live = await openConfiguration({ path: settings.CONFIG_FILE, now, log });
  tellModes(options);
  const client = settings.LOOKUPS === 'on' ? await connect(options) : null;
  try {
    await serve({ ...options, client, live });
  } finally {
    client?.close();
  }
}

function tellModes({ settings, log }: WebhookOptions): void {
  const { TLS_MODE, LOOKUPS } = settings;
  const without = ineffectiveSettings(settings);
  if (without.length > 0) log.warn({ settings: without, TLS_MODE, LOOKUPS }, 'these settings have no effect');
  if (LOOKUPS === 'on') return;
  log.warn('LOOKUPS=off: the label of a namespace is not seen, so that only pods that ask by annotation are injected');
}

async function connect({ settings, ...options }: WebhookOptions): Promise<ApiClient> {
  const { KUBECONFIG } = settings;
  const access = await loadClusterAccess({
    ...options,
    ...(KUBECONFIG && { kubeconfig: KUBECONFIG }),
    skipTlsVerify: false,
  });
  return new ApiClient(access, { userAgent: 'sync-sidecar-webhook' });
}

// Reviews under way end within this time: the configuration gives each 5 s.
const drainMs = 5000;

interface ServeOptions extends WebhookOptions {
  readonly client: ApiClient | null;
  readonly live: LiveConfiguration;
}

async function serve(options: ServeOptions): Promise<void> {
  const { settings, client, live, log, now, signal } = options;
  const status = new CertificateStatus({ looksUp: client !== null, onChange: () => void notReadyReason() });
  const notReadyReason = toldReadiness(() => (signal.aborted ? 'shutting down' : status.notReadyReason(now())), log);
  const meter = new CountingMeter(options.clock);
  const certificates = await openCertificates({ ...options, status });
  const namespaces = client && new Namespaces({ ...options, client });
  const reviewed = { namespaces: namespaces ?? unseenNamespaces, configuration: () => live.current };
  const reviewing = { ...reviewed, image: settings.SIDECAR_IMAGE, log };
  const access = client && settings.RBAC_PREFLIGHT ? new AccessReviews({ client, now, log }) : null;
  const app = createApp({
    review: createReviewer({ ...reviewing, meter }),
    advise: createWorkloadReviewer({ ...reviewing, access }),
    isEnding: () => signal.aborted,
    notReadyReason,
    meter,
    log,
  });
  const server = new Server({ app, certificate: certificates.first });
  const stop = new AbortController();
  log.info({ port: await server.listen(settings.PORT) }, 'listening');
  using _metrics = await serveMetrics({
    port: settings.METRICS_PORT,
    facts: () => factsOf(options, { meter, status, ready: notReadyReason() === null }),
    log,
  });
  try {
    await Promise.all([
      namespaces?.run(stop.signal),
      live.run(stop.signal),
      certificates.run((pair) => server.useCertificate(pair), stop.signal),
      stopDelayed(stop, options),
    ]);
  } finally {
    stop.abort();
    await server.close(drainMs);
  }
}

function factsOf(
  { processFacts }: WebhookOptions,
  { meter, status, ready }: { meter: CountingMeter; status: CertificateStatus; ready: boolean },
): MetricFacts {
  const { counts, durations } = meter;
  return { counts, durations, certificates: status.facts(), configuration: null, ready, process: processFacts() };
}

/** Ends the program some time after it was told to; until then it serves as ever, with its watches and its certificate. */
async function stopDelayed(stop: AbortController, { signal, settings, log }: WebhookOptions): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
  log.info({ delayMs: settings.SHUTDOWN_DELAY }, 'shutting down');
  await sleep(settings.SHUTDOWN_DELAY, stop.signal);
  stop.abort();
}
