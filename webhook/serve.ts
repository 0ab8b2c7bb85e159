import { once } from 'node:events';
import { sleep } from '../shared/backoff.ts';
import type { ApiClient } from '../shared/kubernetes/api-client.ts';
import type { Surroundings } from '../shared/program.ts';
import { AccessReviews } from './advice/access-reviews.ts';
import { createWorkloadReviewer } from './advice/review-workload.ts';
import { createApp } from './app.ts';
import type { LiveConfiguration } from './configuration/live-configuration.ts';
import { CountingMeter } from './metrics/meter.ts';
import type { MetricFacts, WebhookProcessFacts } from './metrics/metrics.ts';
import { serveMetrics } from './metrics/serve-metrics.ts';
import { Namespaces, unseenNamespaces } from './namespaces.ts';
import { toldReadiness } from './readiness.ts';
import { createReviewer, type ReviewerOptions } from './review.ts';
import { Server } from './server.ts';
import type { WebhookSettings } from './settings.ts';
import { openCertificates } from './tls/certificate-source.ts';
import { CertificateStatus } from './tls/certificate-status.ts';
import { warmUp } from './warm-up.ts';

export interface ServeOptions extends Surroundings {
  readonly settings: WebhookSettings;
  readonly live: LiveConfiguration;
  /** Null: there are no look-ups. */
  readonly client: ApiClient | null;
  readonly processFacts: () => WebhookProcessFacts;
  /** Milliseconds from any time on, for durations. */
  readonly clock: () => number;
}

// Reviews under way end within this time: the configuration gives each 5 s.
const drainMs = 5000;

/** Serves admission reviews, probes and metrics until SHUTDOWN_DELAY after `signal` is aborted. */
export async function serve(options: ServeOptions): Promise<void> {
  const { settings, client, live, log, now, signal } = options;
  let isWarm = false;
  const notReadyReason = toldReadiness(() => {
    if (signal.aborted) return 'shutting down';
    return isWarm ? status.notReadyReason(now()) : 'warming up';
  }, log);
  const status = new CertificateStatus({ looksUp: client !== null, onChange: notReadyReason });
  const certificates = await openCertificates({ ...options, status });
  const meter = new CountingMeter(options.clock);
  const namespaces = client && new Namespaces({ ...options, client });
  const deciding = { configuration: () => live.current, image: settings.SIDECAR_IMAGE };
  const reviewers = createReviewers(options, { ...deciding, namespaces: namespaces ?? unseenNamespaces, meter, log });
  const app = createApp({ ...reviewers, isEnding: () => signal.aborted, notReadyReason, meter, log });
  const server = new Server({ app, certificate: certificates.first });
  const stop = new AbortController();
  log.info({ port: await server.listen(settings.PORT) }, 'listening');
  using _metrics = await serveMetrics({
    port: settings.METRICS_PORT,
    facts: () => factsOf(options, { meter, status, ready: notReadyReason() === null }),
    log,
  });
  const warming = warmUp({ ...deciding, certificate: certificates.first, log }).then(() => {
    isWarm = true;
    notReadyReason();
  });
  try {
    const running = [
      namespaces?.run(stop.signal),
      live.run(stop.signal),
      certificates.run((pair) => server.useCertificate(pair), stop.signal),
    ];
    await Promise.all([...running, warming, stopDelayed(stop, options)]);
  } finally {
    stop.abort();
    await server.close(drainMs);
  }
}

function factsOf(
  { settings, live, processFacts }: ServeOptions,
  { meter, status, ready }: { meter: CountingMeter; status: CertificateStatus; ready: boolean },
): MetricFacts {
  const { counts, durations } = meter;
  const configuration = settings.CONFIG_FILE === undefined ? null : live.status;
  return { counts, durations, certificates: status.facts(), configuration, ready, process: processFacts() };
}

/** Only decisions on pods are counted: advice on a workload is none. */
function createReviewers(
  { settings, client, log, now, signal }: ServeOptions,
  { meter, ...reviewing }: ReviewerOptions,
) {
  const access =
    client && settings.RBAC_PREFLIGHT
      ? new AccessReviews({ client, now, sleep: (ms) => sleep(ms, signal), log })
      : null;
  return {
    review: createReviewer({ ...reviewing, ...(meter && { meter }) }),
    advise: createWorkloadReviewer({ ...reviewing, access }),
  };
}

/** Ends the program some time after it was told to; until then it serves as ever, with its watches and its certificate. */
async function stopDelayed(stop: AbortController, { signal, settings, log }: ServeOptions): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
  log.info({ delayMs: settings.SHUTDOWN_DELAY }, 'shutting down');
  await sleep(settings.SHUTDOWN_DELAY, stop.signal);
  stop.abort();
}
