import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import forge from 'node-forge';
import { issueCertificate, type KeyPairPem } from './certificate.ts';
import { judgeTrust, type Trust } from './trust.ts';

const dayMs = 24 * 60 * 60_000;
const now = Date.parse('2026-01-01T00:00:00Z');
const url = 'https://127.0.0.1:8443/mutate';
const service = { namespace: 'sync-sidecar', name: 'sync-sidecar-webhook' };
const serving = { commonName: 'x', dnsNames: [], ipAddresses: ['127.0.0.1'], usage: 'server', now } as const;
const base64 = (text: string) => Buffer.from(text).toString('base64');

let ca: KeyPairPem;
let another: KeyPairPem;
let intermediate: KeyPairPem;
let leaf: KeyPairPem;
let leafOfIntermediate: KeyPairPem;

beforeAll(async () => {
  ca = issueAuthority('ca', { days: 4 });
  another = issueAuthority('ca', { days: 5 });
  intermediate = issueAuthority('intermediate', { days: 3, issuer: ca });
  leaf = await issueCertificate(ca, { ...serving, lifetimeMs: 6 * dayMs });
  leafOfIntermediate = await issueCertificate(intermediate, { ...serving, lifetimeMs: 6 * dayMs });
});

describe('a serving certificate', () => {
  it('is trusted until its CA expires, when every entry has the CA, alone or among others', () => {
    expect(judge([ca.certificate, another.certificate + ca.certificate])).toEqual(trustedUntil(4));
  });

  it('is trusted by its whole chain, as long as all of it is valid', () => {
    const chain = leafOfIntermediate.certificate + intermediate.certificate;

    expect(judge([ca.certificate], { served: chain })).toEqual(trustedUntil(3));
    expect(judge([ca.certificate], { served: chain, at: now + 3.5 * dayMs })).toEqual(unverified);
  });

  it('is judged with one look at each pair of a chain that repeats itself', () => {
    using verify = jest.spyOn(X509Certificate.prototype, 'verify');
    const copies = 6;

    expect(judge([another.certificate], { served: leaf.certificate + ca.certificate.repeat(copies) })).toEqual(
      unverified,
    );
    // The leaf and each of the copies may be signed by each of the copies, or by the one anchor.
    expect(verify.mock.calls.length).toBeLessThanOrEqual((copies + 1) ** 2);
  });

  it('is not trusted with a part of its chain missing', () => {
    expect(judge([ca.certificate], { served: leafOfIntermediate.certificate })).toEqual(unverified);
  });

  it('is trusted where the caBundle is the intermediate CA, or the certificate itself, as Go has it', () => {
    expect(judge([intermediate.certificate], { served: leafOfIntermediate.certificate })).toEqual(trustedUntil(3));
    expect(judge([leaf.certificate])).toEqual(trustedUntil(6));
  });

  it.each([
    { when: 'there are no entries', bundles: () => [], reason: 'the webhook configuration has no entries' },
    {
      when: 'one of two entries has no caBundle',
      bundles: () => [ca.certificate, ''],
      reason: 'webhook "1": the caBundle does not verify the serving certificate',
    },
    { when: 'the caBundle is garbage', bundles: () => ['garbage'], reason: unverifiedReason() },
    { when: 'the CA is another of the same name', bundles: () => [another.certificate], reason: unverifiedReason() },
  ])('is not trusted when $when', ({ bundles, reason }) => {
    expect(judge(bundles())).toEqual({ reason, until: null });
  });

  it('may be for entries without a caBundle where the API server has roots of its own', () => {
    expect(judge([''], { systemRoots: true })).toEqual({ reason: null, until: null });
    expect(judge(['', ca.certificate], { systemRoots: true })).toEqual(trustedUntil(4));
    expect(judge([another.certificate], { systemRoots: true })).toEqual(unverified);
  });

  it('is not trusted when its CA has expired, or it has itself, or is not valid yet', () => {
    expect(judge([ca.certificate], { at: now + 5 * dayMs })).toEqual(unverified);
    expect(judge([ca.certificate], { at: now + 7 * dayMs })).toEqual(
      refused('the serving certificate has expired at 2026-01-07T00:00:00.000Z'),
    );
    expect(judge([ca.certificate], { at: now - dayMs })).toEqual(
      refused('the serving certificate is not valid before 2025-12-31T23:00:00.000Z'),
    );
  });

  it('is not trusted when it is there for clients', async () => {
    const { certificate } = await issueCertificate(ca, { ...serving, usage: 'client', lifetimeMs: dayMs });

    expect(judge([ca.certificate], { served: certificate })).toEqual(
      refused('the serving certificate is not for servers (extended key usage "server auth")'),
    );
  });

  it('is not trusted when an entry calls another host', () => {
    expect(judge([ca.certificate], { clientConfig: { url: 'https://10.0.0.1/' } })).toEqual(
      refused('the serving certificate does not name 10.0.0.1'),
    );
  });

  it('needs no other name of the Service than the one that the API server calls', async () => {
    const names = { ...serving, ipAddresses: [], dnsNames: ['sync-sidecar-webhook.sync-sidecar.svc'] };
    const { certificate } = await issueCertificate(ca, { ...names, lifetimeMs: dayMs });

    expect(judge([ca.certificate], { served: certificate, clientConfig: { service } }).reason).toBeNull();
  });

  it('does not name a host by its common name alone', async () => {
    const name = 'sync-sidecar-webhook.sync-sidecar.svc';
    const { certificate } = await issueCertificate(ca, { ...serving, commonName: name, lifetimeMs: dayMs });

    expect(judge([ca.certificate], { served: certificate, clientConfig: { service } })).toEqual(
      refused(`the serving certificate does not name ${name}`),
    );
  });
});

interface Judging {
  at?: number;
  served?: string;
  clientConfig?: { url: string } | { service: typeof service };
  systemRoots?: boolean;
}

/** One entry for each bundle. */
function judge(bundles: string[], options: Judging = {}): Trust {
  const { at = now, served = leaf.certificate, clientConfig = { url }, systemRoots = false } = options;
  const webhooks = bundles.map((bundle, index) => ({
    name: `${index}`,
    clientConfig: { ...clientConfig, caBundle: base64(bundle) },
  }));
  return judgeTrust({ webhooks }, served, { now: at, systemRoots });
}

function trustedUntil(days: number): Trust {
  return { reason: null, until: now + days * dayMs };
}

function refused(reason: string): Trust {
  return { reason: `webhook "0": ${reason}`, until: null };
}

function unverifiedReason(): string {
  return 'webhook "0": the caBundle does not verify the serving certificate';
}

const unverified = { reason: unverifiedReason(), until: null };

/** A CA that may sign others, as a company's root does, or one that `issuer` signed. Those of the webhook itself may not. */
function issueAuthority(commonName: string, { days, issuer }: { days: number; issuer?: KeyPairPem }): KeyPairPem {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const subject = [{ name: 'commonName', value: commonName }];
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  certificate.validity.notBefore = new Date(now - dayMs);
  certificate.validity.notAfter = new Date(now + days * dayMs);
  certificate.setSubject(subject);
  certificate.setIssuer(issuer ? forge.pki.certificateFromPem(issuer.certificate).subject.attributes : subject);
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: true },
    { name: 'keyUsage', critical: true, keyCertSign: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(issuer?.privateKey ?? privateKey), forge.md.sha256.create());
  return { certificate: forge.pki.certificateToPem(certificate), privateKey };
}
