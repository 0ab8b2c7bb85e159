import { ApiClient } from '../shared/kubernetes/api-client.ts';
import { loadClusterAccess } from '../shared/kubernetes/load-cluster-access.ts';
import { openConfiguration } from './configuration/live-configuration.ts';
import { profileFaults } from './profile-faults.ts';
import { serve, type ServeOptions } from './serve.ts';
import { ineffectiveSettings } from './settings-in-effect.ts';
import { webhookSettings } from './settings.ts';

/** What the program is given; the client and the configuration it opens itself. */
export type WebhookOptions = Omit<ServeOptions, 'client' | 'live'>;

/** Runs the webhook until SHUTDOWN_DELAY after `signal` is aborted; rejects when it can't begin. */
export async function runWebhook(options: WebhookOptions): Promise<void> {
  const { settings, now, log } = options;
  const live = await openConfiguration({
    path: settings.CONFIG_FILE,
    now,
    log,
    doubts: (configuration) => profileFaults(configuration, settings.SIDECAR_IMAGE),
  });
  tellModes(options);
  const client = settings.LOOKUPS === 'on' ? await connect(options) : null;
  try {
    await serve({ ...options, client, live });
  } finally {
    client?.close();
  }
}

function tellModes({ settings, log }: WebhookOptions): void {
  const { TLS_MODE, LOOKUPS, SIDECAR_IMAGE } = settings;
  const without = ineffectiveSettings(settings);
  if (without.length > 0) log.warn({ settings: without, TLS_MODE, LOOKUPS }, 'these settings have no effect');
  if (SIDECAR_IMAGE === webhookSettings.process.SIDECAR_IMAGE.default) {
    log.warn(
      { SIDECAR_IMAGE },
      'SIDECAR_IMAGE is its default, which no registry has: pods start only on nodes that were given that image',
    );
  }
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
