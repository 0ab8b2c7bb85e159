import { printEnvironment } from '../shared/settings/print-settings.ts';
import type { Problem } from '../shared/settings/problem.ts';
import { webhookSettings, type WebhookSettings } from './settings.ts';

/** What is wrong with settings each of which is accepted; of the others, which are undefined, nothing is said. */
export function conflictingSettings({ TLS_MODE, LOOKUPS, ...files }: Partial<WebhookSettings>): Problem[] {
  if (TLS_MODE === undefined) return [];
  const missing = (['TLS_CERT_FILE', 'TLS_KEY_FILE'] as const)
    .filter((name) => TLS_MODE !== 'self' && files[name] === undefined)
    .map((where): Problem => ({ where, kind: 'missing', fault: `is required with TLS_MODE=${TLS_MODE} and not set` }));
  if (LOOKUPS !== 'off' || TLS_MODE === 'files') return missing;
  const fault = `needs a cluster with TLS_MODE=${TLS_MODE}`;
  const accepts = 'off only with TLS_MODE=files';
  return [...missing, { where: 'LOOKUPS', kind: 'not-accepted', given: LOOKUPS, fault, accepts }];
}

/** The settings that were given, and mean nothing beside the others. */
export function ineffectiveSettings(settings: WebhookSettings): string[] {
  const { TLS_MODE, LOOKUPS } = settings;
  const without = [
    ...(TLS_MODE === 'self' ? ['TLS_CERT_FILE', 'TLS_KEY_FILE'] : ['CA_SECRET']),
    ...(LOOKUPS === 'off' ? ['WEBHOOK_CONFIGURATION', 'KUBECONFIG'] : []),
  ];
  const given = printEnvironment(webhookSettings, { process: settings, syncs: [] });
  return without.filter((name) => Object.hasOwn(given, name));
}
