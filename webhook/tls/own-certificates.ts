import { errorMessage } from '../../shared/error-message.ts';
import type { ApiClient } from '../../shared/kubernetes/api-client.ts';
import { validatingConfigurations, webhookConfigurations } from './ca-bundle.ts';
import { ensureServing, type Serving, type ServingOptions } from './ensure-serving.ts';
import { keepInStep } from './keep-in-step.ts';
import { untrusted } from './trust.ts';

/** The same, with what watching and retrying take. */
export interface OwnCertificatesOptions extends ServingOptions {
  client: ApiClient;
  random: () => number;
  /** After how long to look again without any change. */
  recheckMs?: number;
}

/**
 * Keeps the CA in its Secret, this replica's serving certificate and the caBundle of the live webhook configuration in step until
 * `signal` is aborted. Each round reads the live state and does what is missing, whoever changed what: no replica leads.
 */
export async function runOwnCertificates(options: OwnCertificatesOptions): Promise<void> {
  const { configurationName, caSecret, recheckMs = usualRecheckMs, now, log, onTrust } = options;
  const secrets = { apiPath: '/api/v1', plural: 'secrets', namespace: caSecret.namespace };
  let serving: Serving | null = null;
  await keepInStep({
    ...options,
    resources: [
      { ...secrets, fieldSelector: `metadata.name=${caSecret.name}` },
      { ...webhookConfigurations, fieldSelector: `metadata.name=${configurationName}` },
      { ...validatingConfigurations, fieldSelector: `metadata.name=${configurationName}` },
    ],
    round: async () => {
      serving = await ensureServing(options, serving);
      return Math.min(recheckMs, serving.againAt - now());
    },
    onFailure: (err) => {
      log.warn({ err }, 'serving certificate or caBundle could not be ensured');
      // What later failures mean for the certificate that is served, the round has told.
      if (serving === null) onTrust(untrusted(errorMessage(err)));
    },
  });
}

/** A timer does not run while the machine sleeps, and by then the certificate may be due. */
const usualRecheckMs = 60_000;
