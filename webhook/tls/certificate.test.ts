import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { issueCa, issueCertificate, renewalReason } from './certificate.ts';
import type { KeyPairPem } from './certificate.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const now = Math.floor(Date.now() / 1000) * 1000; // X.509 counts whole seconds

let ca: KeyPairPem;
let server: KeyPairPem;

const serverOptions = {
  commonName: 'sync-sidecar-webhook',
  dnsNames: ['sync-sidecar.sync-sidecar.svc'],
  ipAddresses: ['127.0.0.1', '::1', 'fd00:10:96::a'],
  usage: 'server',
  now,
  lifetimeMs: 7 * dayMs,
} as const;

beforeAll(async () => {
  ca = await issueCa({ commonName: 'sync-sidecar', now, lifetimeMs: 365 * dayMs });
  server = await issueCertificate(ca, serverOptions);
});

describe('issueCa', () => {
  it('issues a self-signed CA that is valid from a little before now until its lifetime is over', () => {
    const certificate = new X509Certificate(ca.certificate);

    expect({
      ca: certificate.ca,
      selfSigned: certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey),
      hasKey: certificate.checkPrivateKey(createPrivateKey(ca.privateKey)),
      algorithm: certificate.signatureAlgorithm,
      from: certificate.validFromDate.getTime(),
      to: certificate.validToDate.getTime(),
    }).toEqual({
      ca: true,
      selfSigned: true,
      hasKey: true,
      algorithm: 'sha256WithRSAEncryption',
      from: now - 60 * minuteMs,
      to: now + 365 * dayMs,
    });
  });

  it('gives every generation a subject and a serial number of its own', async () => {
    const [first, second] = [ca, await issueCa({ commonName: 'sync-sidecar', now, lifetimeMs: dayMs })].map(
      ({ certificate }) => new X509Certificate(certificate),
    );

    expect(first?.subject).toMatch(/^CN=sync-sidecar\nserialNumber=[0-9a-f]{32}$/);
    expect(second?.subject).not.toBe(first?.subject);
    expect(second?.serialNumber).not.toBe(first?.serialNumber);
  });
});

describe('issueCertificate', () => {
  it('issues a server certificate for exactly the given hosts, signed by the CA', () => {
    const certificate = new X509Certificate(server.certificate);
    const issuer = new X509Certificate(ca.certificate);

    expect({
      ca: certificate.ca,
      issued: certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey),
      hasKey: certificate.checkPrivateKey(createPrivateKey(server.privateKey)),
      subject: certificate.subject,
      names: certificate.subjectAltName,
      usage: certificate.keyUsage,
    }).toEqual({
      ca: false,
      issued: true,
      hasKey: true,
      subject: 'CN=sync-sidecar-webhook',
      names:
        'DNS:sync-sidecar.sync-sidecar.svc, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:FD00:10:96:0:0:0:0:A',
      usage: ['1.3.6.1.5.5.7.3.1'], // id-kp-serverAuth
    });
  });

  it('issues a client certificate whose organization is the group', async () => {
    const pair = await issueCertificate(ca, {
      commonName: 'admin',
      organization: 'system:masters',
      dnsNames: [],
      ipAddresses: [],
      usage: 'client',
      now,
      lifetimeMs: dayMs,
    });
    const certificate = new X509Certificate(pair.certificate);

    expect([certificate.subject, certificate.subjectAltName, certificate.keyUsage]).toEqual([
      'O=system:masters\nCN=admin',
      undefined,
      ['1.3.6.1.5.5.7.3.2'], // id-kp-clientAuth
    ]);
  });

  it.each(['sync-sidecar.sync-sidecar.svc', '127.0.0.1'])('is accepted by a TLS client that calls %s', async (host) => {
    expect(await handshake(host)).toBe('accepted');
  });

  it('is refused by a TLS client that calls another name', async () => {
    expect(await handshake('elsewhere.example')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });
});

describe('renewalReason', () => {
  const hosts = [...serverOptions.dnsNames, ...serverOptions.ipAddresses];
  // Two thirds of the time from notBefore, which lies an hour back, to notAfter.
  const twoThirds = now - 60 * minuteMs + ((7 * dayMs + 60 * minuteMs) * 2) / 3;

  it.each([
    { when: 'fresh', at: now, answer: null },
    { when: 'in the last second of its second third', at: twoThirds - 1000, answer: null },
    { when: 'at two thirds of its life', at: twoThirds, answer: 'two thirds of its life are over' },
    { when: 'expired', at: now + 8 * dayMs, answer: 'two thirds of its life are over' },
    { when: 'issued by a clock ahead of ours', at: now - dayMs, answer: 'it is not valid yet' },
  ])('answers for a certificate that is $when', ({ at, answer }) => {
    expect(renewalReason(server.certificate, at, hosts)).toBe(answer);
  });

  it('renews when hosts have come that it does not name', () => {
    expect(renewalReason(server.certificate, now, ['10.0.0.1', ...hosts, 'other.svc'])).toBe(
      'it does not name 10.0.0.1, other.svc',
    );
  });

  it.each(['', 'no certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])(
    'renews what cannot be parsed (%j)',
    (pem) => {
      expect(renewalReason(pem, now)).toBe('it cannot be parsed');
    },
  );
});

/** Connects to a server with the certificate as a client that trusts the CA and expects `host`. */
async function handshake(host: string): Promise<string> {
  const listener = tls.createServer({ cert: server.certificate, key: server.privateKey });
  listener.on('tlsClientError', () => undefined);
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const { port } = listener.address() as AddressInfo;
  const client = tls.connect({
    port,
    host: '127.0.0.1',
    servername: host === '127.0.0.1' ? '' : host,
    ca: ca.certificate,
    checkServerIdentity: (_, peer) => tls.checkServerIdentity(host, peer),
  });
  try {
    await once(client, 'secureConnect');
    return 'accepted';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    client.destroy();
    listener.close();
  }
}
