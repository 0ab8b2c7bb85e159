import { createPrivateKey } from 'node:crypto';
import type { X509Certificate } from 'node:crypto';
import type { ApiClient } from '../../shared/kubernetes/api-client.ts';
import { isConflict } from '../../shared/kubernetes/api-status.ts';
import { resourcePath } from '../../shared/kubernetes/resource-path.ts';
import type { Logger } from '../../shared/log/log.ts';
import { issueCa, parseBundle, parseCertificate, renewalReason } from './certificate.ts';
import type { KeyPairPem } from './certificate.ts';

/** What signs serving certificates, and what clients trust. */
export interface CertificateAuthority {
  current: KeyPairPem;
  /** PEM: the current CA, then those before it, so that what they signed stays trusted until every replica has changed. */
  bundle: string;
}

/** Where the CA is kept. */
export interface EnsureCaOptions {
  client: Pick<ApiClient, 'request'>;
  /** The Secret exists already, perhaps empty: whoever may create Secrets in a namespace may not be limited to one name. */
  secret: { namespace: string; name: string };
  now: () => number;
  signal: AbortSignal;
  log: Logger;
}

/** The Secret, in the layout of cert-manager's CA Secrets: `tls.crt` and `tls.key` are the current CA, `ca.crt` is the bundle. */
interface CaSecret {
  metadata: { resourceVersion: string };
  data?: Record<string, string>;
}

/** Reads the CA from its Secret, and issues a new one where that holds none that will do. Any number of replicas may call it at once. */
export async function ensureCa(options: EnsureCaOptions): Promise<CertificateAuthority> {
  for (let tries = 1; ; tries++) {
    try {
      return await readOrIssue(options);
    } catch (error) {
      // Another replica was faster: take its CA.
      if (!isConflict(error) || tries === mostTries) throw error;
    }
  }
}

/** Of two replicas one is faster, and the other finds its CA at the second try. Whoever calls this has pauses for what goes on longer. */
const mostTries = 3;

async function readOrIssue({ client, secret, now, signal, log }: EnsureCaOptions): Promise<CertificateAuthority> {
  const path = resourcePath({ apiPath: '/api/v1', plural: 'secrets', namespace: secret.namespace }, secret.name);
  const found = (await client.request({ method: 'GET', path, signal })) as CaSecret;
  const stored = readCa(found.data ?? {});
  const reason = reissueReason(stored.current, now());
  if (reason === null) return stored;
  const next = await succeed(stored, now());
  await client.request({
    method: 'PATCH',
    path,
    contentType: 'application/merge-patch+json',
    body: writeCa(next, found),
    signal,
  });
  log.info({ reason, secret: `${secret.namespace}/${secret.name}` }, 'issued a new CA');
  return next;
}

/** Says why the CA must be issued anew, or null. */
export function reissueReason({ certificate, privateKey }: KeyPairPem, now: number): string | null {
  if (certificate === '') return 'there is none';
  const parsed = parseCertificate(certificate);
  if (parsed !== null && !parsed.ca) return 'it is no CA';
  if (parsed !== null && !isRsa(parsed)) return 'its key is no RSA key, and nothing else can sign here';
  if (parsed !== null && !hasKey(parsed, privateKey)) return 'its private key is another or broken';
  return renewalReason(certificate, now);
}

/** node-forge reads no certificate with another key; one for RSASSA-PSS alone is another. */
function isRsa({ publicKey }: X509Certificate): boolean {
  return publicKey.asymmetricKeyType === 'rsa';
}

function hasKey(certificate: X509Certificate, privateKey: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(privateKey));
  } catch {
    return false;
  }
}

function readCa(data: Record<string, string>): CertificateAuthority {
  const text = (key: string) => Buffer.from(data[key] ?? '', 'base64').toString();
  const current = { certificate: text('tls.crt'), privateKey: text('tls.key') };
  return { current, bundle: bundleOf([current.certificate, text('ca.crt')]) };
}

/** The resourceVersion is the precondition: of several replicas that issue at the same time, the first one's CA stays. */
function writeCa({ current, bundle }: CertificateAuthority, { metadata: { resourceVersion } }: CaSecret): object {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return {
    metadata: { resourceVersion },
    data: {
      'tls.crt': base64(current.certificate),
      'tls.key': base64(current.privateKey),
      'ca.crt': base64(bundle),
    },
  };
}

/** A year, of which a new one is issued after eight months: time enough for every client to learn the bundle of both. */
const lifetimeMs = 365 * 24 * 60 * 60_000;

async function succeed(before: CertificateAuthority, now: number): Promise<CertificateAuthority> {
  const current = await issueCa({ commonName: 'sync-sidecar', now, lifetimeMs });
  // Expired ones go only here, not when the bundle is read: replicas whose clocks differ must read the same.
  const unexpired = parseBundle(before.bundle).filter((certificate) => certificate.validToDate.getTime() > now);
  const kept = unexpired.slice(0, keptGenerations).map((certificate) => certificate.toString());
  return { current, bundle: bundleOf([current.certificate, ...kept]) };
}

/** Two: where one CA follows another at once, as with replicas whose clocks are far apart, some still serve what the first had signed. */
const keptGenerations = 2;

/** Joins bundles without repetition. */
function bundleOf(pems: string[]): string {
  const certificates = parseBundle(pems.join('\n')).map((certificate) => certificate.toString());
  return [...new Set(certificates)].join('');
}
