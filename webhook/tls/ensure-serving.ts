import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { errorMessage } from '../../shared/error-message.ts';
import type { ApiClient } from '../../shared/kubernetes/api-client.ts';
import { isNotFound } from '../../shared/kubernetes/api-status.ts';
import type { Logger } from '../../shared/log/log.ts';
import { ensureCaBundle, readConfiguration, servedHosts, type WebhookConfiguration } from './ca-bundle.ts';
import { issueCa, issueCertificate, renewalReason } from './certificate.ts';
import type { KeyPairPem } from './certificate.ts';
import { ensureCa } from './ensure-ca.ts';
import { judgeTrust, untrusted, type Trust } from './trust.ts';
import { ensureValidatingCaBundle } from './validating-ca-bundle.ts';

/** What is to fit together, and who wants to know. */
export interface ServingOptions {
  client: Pick<ApiClient, 'request'>;
  /** The name of the MutatingWebhookConfiguration, and of the ValidatingWebhookConfiguration where there is one. */
  configurationName: string;
  /** The Secret that holds the CA, or is to hold it. */
  caSecret: { namespace: string; name: string };
  /** Takes each new serving certificate. It comes once the live caBundle has what signed it. */
  onCertificate: (certificate: KeyPairPem) => void;
  /** Takes what the API server makes of the certificate that is served, whenever that has been looked at. */
  onTrust: (trust: Trust) => void;
  now: () => number;
  signal: AbortSignal;
  log: Logger;
}

/** What a round leaves to the next one. */
export interface Serving {
  readonly certificate: KeyPairPem;
  /** What the caBundle is to be: the CAs of `published` and before. */
  readonly bundle: string;
  readonly published: Publication;
  /** When something is to be done although nothing changes, in milliseconds since 1970. */
  readonly againAt: number;
}

/** The CA that the live caBundle has, and since when this replica knows it. */
interface Publication {
  readonly ca: string;
  readonly at: number;
}

/**
 * Reads the live state, does what is missing, and gives what is served from now on; `before` is what the round before gave.
 * Throws what the API client throws. What was done until then stays, and the next call goes on from there.
 */
export async function ensureServing(options: ServingOptions, before: Serving | null): Promise<Serving> {
  const found = await findConfiguration(options);
  try {
    return await serve(options, found, before);
  } catch (error) {
    // The CA can't be read, say. What is served needs its caBundle all the same, and who looks at it is to know whether it has one.
    if (before) await keepTrusted(options, found, before);
    throw error;
  }
}

/** Something to begin TLS with before there is a serving certificate: the kubelet's probes verify none, the API server refuses it.
 * https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#http-probes */
export async function issueTemporaryCertificate(now: number): Promise<KeyPairPem> {
  return issueCa({
    commonName: 'sync-sidecar-webhook has no serving certificate yet',
    now,
    lifetimeMs: certificateLifetimeMs,
  });
}

async function findConfiguration(options: ServingOptions): Promise<WebhookConfiguration> {
  try {
    return await readConfiguration({ ...options, name: options.configurationName });
  } catch (error) {
    if (isNotFound(error)) options.onTrust(untrusted(errorMessage(error)));
    throw error;
  }
}

async function serve(options: ServingOptions, found: WebhookConfiguration, before: Serving | null): Promise<Serving> {
  const { configurationName: name, caSecret: secret, now, log } = options;
  const { current, bundle } = await ensureCa({ ...options, secret });
  // First the caBundle, then the certificate: whoever gets to see it must be able to verify it.
  const live = await ensureCaBundle(found, bundle, { ...options, name });
  const published = publication(current.certificate, before, now());
  const reason = reissueReason(before, { live, published }, now());
  const certificate = before && reason === null ? before.certificate : await issue(current, live, now());
  if (certificate !== before?.certificate) {
    log.info({ reason, hosts: servedHosts(live) }, 'issued a serving certificate');
    options.onCertificate(certificate);
  }
  options.onTrust(trustIn(certificate, live, now()));
  await ensureValidatingCaBundle(bundle, { ...options, name });
  const againAt = isOf(certificate, published.ca) ? Infinity : published.at + spreadMs;
  return { certificate, bundle, published, againAt };
}

/**
 * Publishes the bundle of the round before once more, where the caBundle doesn't verify what is served. Only there: another replica may
 * have read a later CA.
 */
async function keepTrusted(options: ServingOptions, found: WebhookConfiguration, before: Serving): Promise<void> {
  const { configurationName: name, now, log } = options;
  let live = found;
  if (trustIn(before.certificate, found, now()).reason !== null) {
    try {
      live = await ensureCaBundle(found, before.bundle, { ...options, name });
    } catch (err) {
      log.warn({ err }, 'the caBundle could not be repaired');
    }
  }
  options.onTrust(trustIn(before.certificate, live, now()));
}

function trustIn({ certificate }: KeyPairPem, live: WebhookConfiguration, now: number): Trust {
  return judgeTrust(live, certificate, { now, systemRoots: false });
}

/** A week, renewed after two thirds of it: short, since nobody can revoke it; long enough for an API server that is away over a weekend. */
const certificateLifetimeMs = 7 * 24 * 60 * 60_000;

function publication(ca: string, before: Serving | null, now: number): Publication {
  return before?.published.ca === ca ? before.published : { ca, at: now };
}

/**
 * Each API server learns of a new caBundle by a watch of its own, mostly within milliseconds. Until then it refuses what a new CA
 * has signed, so that the certificate of the CA before is served on for a while, which the caBundle still has.
 */
const spreadMs = 10_000;

function reissueReason(
  before: Serving | null,
  { live, published }: { live: WebhookConfiguration; published: Publication },
  now: number,
): string | null {
  if (before === null) return 'there is none';
  const { certificate } = before;
  if (isOf(certificate, published.ca)) return renewalReason(certificate.certificate, now, servedHosts(live));
  const isTrusted = trustIn(certificate, live, now).reason === null;
  return isTrusted && now < published.at + spreadMs ? null : 'the CA is a new one';
}

function isOf({ certificate }: KeyPairPem, ca: string): boolean {
  return new X509Certificate(certificate).checkIssued(new X509Certificate(ca));
}

function issue(ca: KeyPairPem, live: WebhookConfiguration, now: number): Promise<KeyPairPem> {
  const hosts = servedHosts(live);
  // None that outlives its CA, which may be one that somebody brought, and expire tomorrow.
  const untilCaEnds = new X509Certificate(ca.certificate).validToDate.getTime() - now;
  return issueCertificate(ca, {
    commonName: 'sync-sidecar-webhook',
    dnsNames: hosts.filter((host) => isIP(host) === 0),
    ipAddresses: hosts.filter((host) => isIP(host) !== 0),
    usage: 'server',
    now,
    lifetimeMs: Math.min(certificateLifetimeMs, untilCaEnds),
  });
}
