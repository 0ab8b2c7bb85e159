import { generateKeyPair, randomBytes, sign, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import forge from 'node-forge';

/** A certificate and its private key, both PEM. */
export interface KeyPairPem {
  certificate: string;
  privateKey: string;
}

/** What to call a CA, and from when on and how long it is valid. */
export interface CaOptions {
  commonName: string;
  /** Milliseconds since the epoch. */
  now: number;
  lifetimeMs: number;
}

/** Whom a certificate is for. */
export interface CertificateOptions extends CaOptions {
  /** Kubernetes reads a client certificate's organization as the user's group. */
  organization?: string;
  dnsNames: readonly string[];
  ipAddresses: readonly string[];
  usage: 'server' | 'client';
}

type Subject = forge.pki.CertificateField[];

/** Issues a self-signed CA. No two have the same subject, so a bundle of several generations is unambiguous. */
export async function issueCa(options: CaOptions): Promise<KeyPairPem> {
  const keys = await generateKeys();
  const certificate = unsigned(keys.publicKey, options);
  const subject: Subject = [
    { name: 'commonName', value: options.commonName },
    { name: 'serialNumber', value: certificate.serialNumber },
  ];
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: true, pathLenConstraint: 0 },
    { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  return signed(certificate, keys.privateKey, keys.privateKey);
}

/** Issues a server or client certificate signed by `ca`. */
export async function issueCertificate(ca: KeyPairPem, options: CertificateOptions): Promise<KeyPairPem> {
  const keys = await generateKeys();
  const issuer = forge.pki.certificateFromPem(ca.certificate);
  const certificate = unsigned(keys.publicKey, options);
  certificate.setSubject(subjectOf(options));
  certificate.setIssuer(issuer.subject.attributes);
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: false },
    { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true },
    { name: 'extKeyUsage', serverAuth: options.usage === 'server', clientAuth: options.usage === 'client' },
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier: issuer.generateSubjectKeyIdentifier().getBytes() },
    ...subjectAltName(options),
  ]);
  return signed(certificate, keys.privateKey, ca.privateKey);
}

/** Says why a certificate must be issued anew at `now`, or null. `hosts`: DNS names and IP addresses it must be good for. */
export function renewalReason(certificatePem: string, now: number, hosts: readonly string[] = []): string | null {
  const certificate = parseCertificate(certificatePem);
  if (certificate === null) return 'it cannot be parsed';
  const from = certificate.validFromDate.getTime();
  const to = certificate.validToDate.getTime();
  if (now < from) return 'it is not valid yet';
  // Two thirds of life leave a third for everything that can keep a renewal from succeeding; cert-manager does the same:
  // https://cert-manager.io/docs/usage/certificate/#renewal
  if (now >= from + ((to - from) * 2) / 3) return 'two thirds of its life are over';
  const missing = hosts.filter((host) => !isGoodFor(certificate, host));
  return missing.length > 0 ? `it does not name ${missing.join(', ')}` : null;
}

/** The certificates of a bundle, without what cannot be parsed. */
export function parseBundle(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs) ?? [];
  return blocks.map(parseCertificate).filter((certificate) => certificate !== null);
}

/** The parsed certificate, or null where the text begins with none. */
export function parseCertificate(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

/** True if a TLS client that calls `host`, a DNS name or an IP address, finds it in the certificate. */
export function isGoodFor(certificate: X509Certificate, host: string): boolean {
  // Go, in which the API server is written, looks for names nowhere else: https://pkg.go.dev/crypto/x509#Certificate.VerifyHostname
  const match = isIP(host) === 0 ? certificate.checkHost(host, { subject: 'never' }) : certificate.checkIP(host);
  return match !== undefined;
}

/** RSA because node-forge reads no other public key; 2048 bits because that is what every TLS client takes, and the key is short-lived. */
async function generateKeys(): Promise<{ publicKey: string; privateKey: string }> {
  // In node:crypto's thread pool: node-forge's own generator would hold the event loop, and all reviews, for seconds.
  return promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

function unsigned(publicKeyPem: string, { now, lifetimeMs }: CaOptions): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKeyPem);
  certificate.serialNumber = randomSerialNumber();
  certificate.validity.notBefore = new Date(now - backdateMs);
  certificate.validity.notAfter = new Date(now + lifetimeMs);
  return certificate;
}

/** Whose clock is behind, be it an API server or another replica, must not find it "not valid yet". What Kubernetes issues to itself
 * begins an hour early too: https://github.com/kubernetes/kubernetes/blob/v1.36.3/staging/src/k8s.io/client-go/util/cert/cert.go */
const backdateMs = 60 * 60_000;

/** Issuer and serial number must be unique together; replicas issue independently, so chance must do it (RFC 5280, 4.1.2.2). */
function randomSerialNumber(): string {
  const bytes = randomBytes(16);
  // The first byte 0x40-0x7f: a positive integer without leading zero octets, so that its text form is its only form.
  bytes[0] = (bytes.readUInt8(0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

function subjectOf({ commonName, organization }: CertificateOptions): Subject {
  const name = { name: 'commonName', value: commonName };
  return organization === undefined ? [name] : [{ name: 'organizationName', value: organization }, name];
}

function subjectAltName({ dnsNames, ipAddresses }: CertificateOptions): object[] {
  const altNames = [
    ...dnsNames.map((value) => ({ type: 2, value })), // dNSName and iPAddress of GeneralName, RFC 5280, 4.2.1.6
    ...ipAddresses.map((ip) => ({ type: 7, ip })),
  ];
  return altNames.length > 0 ? [{ name: 'subjectAltName', altNames }] : [];
}

/** Signs with node:crypto: node-forge's own arithmetic would hold the event loop, and all reviews, for some 50 ms. */
function signed(certificate: forge.pki.Certificate, privateKey: string, signingKey: string): KeyPairPem {
  certificate.signatureOid = sha256WithRsaEncryption;
  certificate.siginfo.algorithmOid = sha256WithRsaEncryption;
  certificate.tbsCertificate = getTBSCertificate(certificate);
  const toBeSigned = Buffer.from(forge.asn1.toDer(certificate.tbsCertificate).getBytes(), 'latin1');
  certificate.signature = sign('sha256', toBeSigned, signingKey).toString('latin1');
  return { certificate: forge.pki.certificateToPem(certificate), privateKey };
}

const sha256WithRsaEncryption = '1.2.840.113549.1.1.11'; // RFC 8017, appendix C

// Public in node-forge, missing in its types.
const { getTBSCertificate } = forge.pki as unknown as {
  getTBSCertificate: (certificate: forge.pki.Certificate) => forge.asn1.Asn1;
};
