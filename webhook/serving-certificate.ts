import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { ApiClient } from '../shared/kubernetes/api-client.ts';
import type { Logger } from '../shared/log/log.ts';
import { ensureCaBundle, readConfiguration, servedHosts } from './ca-bundle.ts';
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

/**
 * Reads the live state, does what is missing, and gives the certificate that is served from now on; `served` is the one before.
 * Throws what the API client throws. What was done until then stays, and the next call goes on from there.
 */
export async function ensureServing(options: ServingOptions, served: KeyPairPem | null): Promise<KeyPairPem> {
  const { configurationName: name, caSecret: secret, now } = options;
  const ca = await ensureCa({ ...options, secret });
  const configuration = await readConfiguration({ ...options, name });
  const certificate = await ensureCertificate(options, { ca: ca.current, served, hosts: servedHosts(configuration) });
  // First the caBundle, then the certificate: whoever gets to see it must be able to verify it.
  const live = await ensureCaBundle(configuration, ca.bundle, { ...options, name });
  await ensureValidatingCaBundle(ca.bundle, { ...options, name });
  if (certificate !== served) options.onCertificate(certificate);
  options.onTrust(judgeTrust(live, certificate.certificate, { now: now(), systemRoots: false }));
  return certificate;
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

interface Serving {
  ca: KeyPairPem;
  served: KeyPairPem | null;
  hosts: string[];
}

async function ensureCertificate({ now, log }: ServingOptions, serving: Serving): Promise<KeyPairPem> {
  const { ca, served, hosts } = serving;
  const reason = reissueReason(serving, now());
  if (served !== null && reason === null) return served;
  const certificate = await issueCertificate(ca, {
    commonName: 'sync-sidecar-webhook',
    dnsNames: hosts.filter((host) => isIP(host) === 0),
    ipAddresses: hosts.filter((host) => isIP(host) !== 0),
    usage: 'server',
    now: now(),
    lifetimeMs: certificateLifetimeMs,
  });
  log.info({ reason, hosts }, 'issued a serving certificate');
  return certificate;
}

function reissueReason({ ca, served, hosts }: Serving, now: number): string | null {
  if (served === null) return 'there is none';
  const issuer = new X509Certificate(ca.certificate);
  if (!new X509Certificate(served.certificate).checkIssued(issuer)) return 'the CA is a new one';
  return renewalReason(served.certificate, now, hosts);
}
