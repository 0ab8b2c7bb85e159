import type { X509Certificate } from 'node:crypto';
import { calledHost, type WebhookConfiguration, type WebhookEntry } from './ca-bundle.ts';
import { isGoodFor, parseBundle } from './certificate.ts';

/** What the API server makes of a serving certificate. */
export interface Trust {
  /** Why it would not accept it, or null. */
  readonly reason: string | null;
  /** Until when it accepts who signed it, in milliseconds since 1970; null where nothing of the kind is known. */
  readonly until: number | null;
}

export interface TrustOptions {
  readonly now: number;
  /**
   * Whether an entry may lack a caBundle. The API server then verifies by its own machine's roots, which nobody here can do.
   * https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/mutating-webhook-configuration-v1/
   */
  readonly systemRoots: boolean;
}

/** Does what the API server does for every entry: `served` is the serving certificate, PEM, with what it has of its chain. */
export function judgeTrust({ webhooks = [] }: WebhookConfiguration, served: string, options: TrustOptions): Trust {
  const chain = parseBundle(served);
  const verdicts = webhooks.map((entry) => judgeEntry(entry, chain, options));
  const failed = verdicts.find(({ reason }) => reason !== null);
  if (webhooks.length === 0) return untrusted('the webhook configuration has no entries');
  const known = verdicts.map(({ until }) => until).filter((until) => until !== null);
  return { reason: failed?.reason ?? null, until: !failed && known.length > 0 ? Math.min(...known) : null };
}

/** What nobody accepts. */
export function untrusted(reason: string): Trust {
  return { reason, until: null };
}

/** Why nobody would accept a certificate now, or null. */
export function validityReason({ validFromDate, validToDate }: X509Certificate, now: number): string | null {
  if (now < validFromDate.getTime()) return `is not valid before ${validFromDate.toISOString()}`;
  return now > validToDate.getTime() ? `has expired at ${validToDate.toISOString()}` : null;
}

function judgeEntry(
  entry: WebhookEntry,
  [leaf, ...rest]: readonly X509Certificate[],
  { now, systemRoots }: TrustOptions,
): Trust {
  const refuse = (reason: string): Trust => untrusted(`webhook "${entry.name}": ${reason}`);
  if (!leaf) return refuse('there is no serving certificate');
  const invalid = validityReason(leaf, now) ?? usageReason(leaf) ?? hostReason(leaf, entry);
  if (invalid !== null) return refuse(`the serving certificate ${invalid}`);
  const { caBundle = '' } = entry.clientConfig;
  if (caBundle === '' && systemRoots) return { reason: null, until: null };
  const anchors = validNow(parseBundle(Buffer.from(caBundle, 'base64').toString()), now);
  const until = verifiedUntil(leaf, { anchors, intermediates: validNow(rest, now) });
  return until === null ? refuse('the caBundle does not verify the serving certificate') : { reason: null, until };
}

/** https://datatracker.ietf.org/doc/html/rfc5280#section-4.2.1.12; without the extension a certificate is for all purposes. */
const serverAuth = '1.3.6.1.5.5.7.3.1';

function usageReason({ keyUsage }: X509Certificate): string | null {
  // Named for keyUsage, Node's property has the extended one.
  const isForServers = (keyUsage as readonly string[] | undefined)?.includes(serverAuth) ?? true;
  return isForServers ? null : 'is not for servers (extended key usage "server auth")';
}

function hostReason(leaf: X509Certificate, entry: WebhookEntry): string | null {
  const host = calledHost(entry);
  return host === null || isGoodFor(leaf, host) ? null : `does not name ${host}`;
}

function validNow(certificates: readonly X509Certificate[], now: number): X509Certificate[] {
  return certificates.filter((certificate) => validityReason(certificate, now) === null);
}

interface Verifying {
  readonly anchors: readonly X509Certificate[];
  readonly intermediates: readonly X509Certificate[];
}

/**
 * When the last of the chains ends that lead to an anchor, or null where none does. As for Go, every certificate may be an anchor.
 * Step by step from the anchors: to follow each chain by itself takes factorially long where certificates come twice or sign each other.
 */
function verifiedUntil(leaf: X509Certificate, { anchors, intermediates }: Verifying): number | null {
  const chain = [leaf, ...intermediates];
  const signatures = chain.flatMap((signed) =>
    intermediates.filter((issuer) => isSignedBy(signed, issuer)).map((issuer) => ({ signed, issuer })),
  );
  const ends = new Map(chain.map((certificate) => [certificate, directEnd(certificate, anchors)]));
  const endOf = (certificate: X509Certificate): number => ends.get(certificate) ?? never;
  // No chain has more steps than there are certificates.
  for (const _step of chain) {
    for (const { signed, issuer } of signatures) {
      ends.set(signed, Math.max(endOf(signed), Math.min(endOf(issuer), issuer.validToDate.getTime())));
    }
  }
  return endOf(leaf) === never ? null : endOf(leaf);
}

const never = -Infinity;

/** When the last of the anchors ends that the certificate is, or is signed by. */
function directEnd(certificate: X509Certificate, anchors: readonly X509Certificate[]): number {
  const ends = anchors
    .filter((anchor) => anchor.fingerprint256 === certificate.fingerprint256 || isSignedBy(certificate, anchor))
    .map(({ validToDate }) => validToDate.getTime());
  return Math.max(never, ...ends);
}

function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}
