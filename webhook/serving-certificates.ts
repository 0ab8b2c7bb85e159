import { backoffMs, sleep } from '../shared/backoff.ts';
import type { ApiClient } from '../shared/kubernetes/api-client.ts';
import { runReflector } from '../shared/kubernetes/reflector.ts';
import type { ResourceScope } from '../shared/kubernetes/resource-path.ts';
import { validatingConfigurations, webhookConfigurations } from './ca-bundle.ts';
import type { KeyPairPem } from './certificate.ts';
import { ensureServing } from './serving-certificate.ts';
import type { ServingOptions } from './serving-certificate.ts';

/** The same, with what watching and retrying take. */
export interface ServingCertificatesOptions extends ServingOptions {
  client: ApiClient;
  random: () => number;
}

/**
 * Keeps the CA in its Secret, this replica's serving certificate and the caBundle of the live webhook configuration in step until
 * `signal` is aborted. Each round reads the live state and does what is missing, whoever changed what: no replica leads.
 */
export async function runServingCertificates(options: ServingCertificatesOptions): Promise<void> {
  const { configurationName, caSecret, signal } = options;
  let change = new AbortController();
  const onChange = () => change.abort();
  const nextChange = () => {
    change = new AbortController();
    return AbortSignal.any([signal, change.signal]);
  };
  const secrets = { apiPath: '/api/v1', plural: 'secrets', namespace: caSecret.namespace };
  await Promise.all([
    watchOne({ ...secrets, fieldSelector: `metadata.name=${caSecret.name}` }, options, onChange),
    watchOne({ ...webhookConfigurations, fieldSelector: `metadata.name=${configurationName}` }, options, onChange),
    watchOne({ ...validatingConfigurations, fieldSelector: `metadata.name=${configurationName}` }, options, onChange),
    keepEnsured(options, nextChange),
  ]);
}

/** What changed doesn't matter: the next round looks at everything. */
async function watchOne(resource: ResourceScope, options: ServingCertificatesOptions, onChange: () => void) {
  const { client, now, random, signal, log } = options;
  const replace = async (objects: AsyncIterable<unknown>) => {
    for await (const _object of objects);
    onChange();
  };
  const onError = (err: unknown, retryInMs: number) =>
    log.warn({ err, retryInMs, resource: resource.plural }, 'watch interrupted');
  await runReflector({
    client,
    resource,
    handler: { replace, apply: onChange },
    observer: { onError },
    now,
    random,
    signal,
  });
}

/** Two that disagree about the caBundle would otherwise overwrite each other's as fast as the API server can. */
const pauseMs = 1000;

/** A round without any change: a timer does not run while the machine sleeps, and by then the certificate may be due. */
const recheckMs = 60_000;

const retryBackoff = { firstMs: 1000, capMs: 30_000 }; // As long as a fresh install may have to wait for its RBAC at most.

async function keepEnsured(options: ServingCertificatesOptions, nextChange: () => AbortSignal): Promise<void> {
  const { random, signal, log, onTrust } = options;
  let served: KeyPairPem | null = null;
  let failures = 0;
  while (!signal.aborted) {
    const change = nextChange();
    try {
      served = await ensureServing(options, served);
      failures = 0;
    } catch (err) {
      if (signal.aborted) return;
      failures++;
      log.warn({ err }, 'serving certificate or caBundle could not be ensured');
      // Later failures say nothing about the certificate that is served.
      if (served === null) onTrust({ reason: err instanceof Error ? err.message : String(err), until: null });
    }
    await sleep(pauseMs, signal);
    await sleep(failures > 0 ? backoffMs(failures, random, retryBackoff) : recheckMs, change);
  }
}
