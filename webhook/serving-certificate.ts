import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { ApiClient } from '../shared/kubernetes/api-client.ts';
import type { Logger } from '../shared/log/log.ts';
import { ensureCaBundle, readConfiguration, servedHosts, type WebhookConfiguration } from './ca-bundle.ts';
import { ensureCa } from './certificate-authority.ts';
import { issueCa, issueCertificate, renewalReason } from './certificate.ts';
import type { KeyPairPem } from './certificate.ts';
import { judgeTrust, type Trust } from './trust.ts';
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
  const { configurationName: name, caSecret: secret, now, log } = options;
  const ca = await ensureCa({ ...options, secret });
  const configuration = await readConfiguration({ ...options, name });
  // First the caBundle, then the certificate: whoever gets to see it must be able to verify it.
  const live = await ensureCaBundle(configuration, ca.bundle, { ...options, name });
  const published = publication(ca.current.certificate, before, now());
  const reason = reissueReason(before, { live, published }, now());
  const certificate = before && reason === null ? before.certificate : await issue(ca.current, live, now());
  if (certificate !== before?.certificate) {
    log.info({ reason, hosts: servedHosts(live) }, 'issued a serving certificate');
    options.onCertificate(certificate);
  }
  options.onTrust(judgeTrust(live, certificate.certificate, { now: now(), systemRoots: false }));
  await ensureValidatingCaBundle(ca.bundle, { ...options, name });
  return { certificate, published, againAt: isOf(certificate, published.ca) ? Infinity : published.at + spreadMs };
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
  const { certificate } = before.certificate;
  if (isOf(before.certificate, published.ca)) return renewalReason(certificate, now, servedHosts(live));
  const isTrusted = judgeTrust(live, certificate, { now, systemRoots: false }).reason === null;
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
