import { once } from 'node:events';
import { sleep } from '../shared/backoff.ts';
import { ApiClient } from '../shared/kubernetes/api-client.ts';
import { loadClusterAccess } from '../shared/kubernetes/load-cluster-access.ts';
import type { Surroundings } from '../shared/program.ts';
import { AccessReviews } from './advice/access-reviews.ts';
import { createWorkloadReviewer } from './advice/review-workload.ts';
import { createApp } from './app.ts';
import { openConfiguration } from './live-configuration.ts';
import { Namespaces } from './namespaces.ts';
import { createReviewer } from './review.ts';
import { Server } from './server.ts';
import { issueTemporaryCertificate } from './serving-certificate.ts';
import { runServingCertificates } from './serving-certificates.ts';
import type { WebhookSettings } from './settings.ts';

export interface WebhookOptions extends Surroundings {
  readonly settings: WebhookSettings;
}

// Reviews under way end within this time: the configuration gives each 5 s.
const drainMs = 5000;

/** Serves admission reviews until SHUTDOWN_DELAY after `signal` is aborted; rejects when it can't begin. */
export async function runWebhook(options: WebhookOptions): Promise<void> {
  const { settings, log, now, signal } = options;
  const live = await openConfiguration({ path: settings.CONFIG_FILE, now, log });
  const client = await connect(options);
  const namespaces = new Namespaces({ ...options, client });
  let notReady: string | null = 'there is no serving certificate yet';
  const reviewing = { namespaces, configuration: () => live.current, image: settings.SIDECAR_IMAGE, log };
  const access = settings.RBAC_PREFLIGHT ? new AccessReviews({ client, now, log }) : null;
  const app = createApp({
    review: createReviewer(reviewing),
    advise: createWorkloadReviewer({ ...reviewing, access }),
    isEnding: () => signal.aborted,
    notReadyReason: () => (signal.aborted ? 'shutting down' : notReady),
    log,
  });
  const server = new Server({ app, certificate: await issueTemporaryCertificate(now()) });
  const stop = new AbortController();
  log.info({ port: await server.listen(settings.PORT) }, 'listening');
  try {
    const certificates = runServingCertificates({
      ...options,
      client,
      configurationName: settings.WEBHOOK_CONFIGURATION,
      caSecret: settings.CA_SECRET,
      signal: stop.signal,
      onCertificate: (certificate) => server.useCertificate(certificate),
      onTrust: ({ reason }) => {
        if (reason !== notReady) log.info({ reason }, reason === null ? 'ready' : 'not ready');
        notReady = reason;
      },
    });
    await Promise.all([namespaces.run(stop.signal), live.run(stop.signal), certificates, stopDelayed(stop, options)]);
  } finally {
    stop.abort();
    await server.close(drainMs);
    client.close();
  }
}

/** Ends the program some time after it was told to; until then it serves as ever, with its watches and its certificate. */
async function stopDelayed(stop: AbortController, { signal, settings, log }: WebhookOptions): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
  log.info({ delayMs: settings.SHUTDOWN_DELAY }, 'shutting down');
  await sleep(settings.SHUTDOWN_DELAY, stop.signal);
  stop.abort();
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
