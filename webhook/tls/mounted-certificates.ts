import { errorMessage } from '../../shared/error-message.ts';
import type { ApiClient } from '../../shared/kubernetes/api-client.ts';
import { isNotFound } from '../../shared/kubernetes/api-status.ts';
import type { Logger } from '../../shared/log/log.ts';
import { createValidatingTrust } from './validating-trust.ts';
import { readConfiguration, webhookConfigurations, type WebhookConfiguration } from './ca-bundle.ts';
import type { CertificateFiles } from './certificate-files.ts';
import type { KeyPairPem } from './certificate.ts';
import { followCertificateFiles } from './follow-certificate-files.ts';
import { keepInStep } from './keep-in-step.ts';
import { judgeTrust, untrusted, type Trust } from './trust.ts';

export interface MountedCertificatesOptions {
  /** Null: nobody is asked what the API server makes of the certificate. */
  readonly client: ApiClient | null;
  /** The name of the MutatingWebhookConfiguration. */
  readonly configurationName: string;
  /** Whether the API server may verify by roots of its own. */
  readonly systemRoots: boolean;
  readonly files: CertificateFiles;
  /** How often to read them. */
  readonly intervalMs: number;
  readonly onCertificate: (pair: KeyPairPem) => void;
  readonly onTrust: (trust: Trust) => void;
  readonly onLook: (isServed: boolean) => void;
  /** After how long to look again without any change. */
  readonly recheckMs?: number;
  readonly now: () => number;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/**
 * Serves what the files hold, `first` to begin with, until `signal` is aborted. Somebody else keeps the caBundle: it is looked at, never
 * written.
 */
export async function runMountedCertificates(options: MountedCertificatesOptions, first: KeyPairPem): Promise<void> {
  const { client, configurationName: name, systemRoots, recheckMs = usualRecheckMs, now, signal, log } = options;
  let live: WebhookConfiguration | null = null;
  let served = first;
  const lookAtValidating = createValidatingTrust(log);
  const judge = (): void => {
    if (live) options.onTrust(judgeTrust(live, served.certificate, { now: now(), systemRoots }));
  };
  const onCertificate = (pair: KeyPairPem): void => {
    served = pair;
    options.onCertificate(pair);
    judge();
  };
  onCertificate(first);
  const following = followCertificateFiles({ ...options, onCertificate }, first);
  if (!client) return following;
  const resources = [{ ...webhookConfigurations, fieldSelector: `metadata.name=${name}` }];
  const round = async (): Promise<number> => {
    live = await readConfiguration({ client, name, signal });
    judge();
    await lookAtValidating(served.certificate, { client, name, signal, now: now(), systemRoots });
    return recheckMs;
  };
  const onFailure = (err: unknown): void => {
    log.warn({ err }, 'the webhook configuration could not be read');
    if (isNotFound(err)) live = null;
    // Other failures, later on, say nothing about the certificate that is served.
    if (!live) options.onTrust(untrusted(errorMessage(err)));
  };
  await Promise.all([following, keepInStep({ ...options, client, resources, round, onFailure })]);
}

/** Certificates expire by themselves. */
const usualRecheckMs = 60_000;
