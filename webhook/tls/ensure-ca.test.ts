import { generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import forge from 'node-forge';
import { pino } from 'pino';
import { InMemoryObjects } from '../../test/in-memory-objects.ts';
import { issueCa, issueCertificate } from './certificate.ts';
import { ensureCa } from './ensure-ca.ts';
import type { CertificateAuthority, EnsureCaOptions } from './ensure-ca.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const path = '/api/v1/namespaces/sync-sidecar/secrets/sync-sidecar-ca';

let objects: InMemoryObjects;
let now: number;

beforeEach(() => {
  objects = new InMemoryObjects();
  objects.put(path, { metadata: { labels: { ours: 'stays' } } });
  now = Date.parse('2026-01-01T00:00:00Z');
});

function ensure(client: EnsureCaOptions['client'] = objects): Promise<CertificateAuthority> {
  return ensureCa({
    client,
    secret: { namespace: 'sync-sidecar', name: 'sync-sidecar-ca' },
    now: () => now,
    signal: new AbortController().signal,
    log: pino({ enabled: false }),
  });
}

/** The Secret as text. */
function stored(): Record<string, string> {
  const data = (objects.get(path)?.data ?? {}) as Record<string, string>;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
}

function store(values: Record<string, string>): void {
  const data = Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  objects.put(path, { metadata: {}, data: Object.fromEntries(data) as unknown });
}

describe('ensureCa', () => {
  it('issues a CA into the empty Secret and leaves the rest of it alone', async () => {
    const { current, bundle } = await ensure();

    expect(stored()).toEqual({ 'tls.crt': current.certificate, 'tls.key': current.privateKey, 'ca.crt': bundle });
    expect(new X509Certificate(bundle).toString()).toBe(new X509Certificate(current.certificate).toString());
    expect(objects.get(path)?.metadata.labels).toEqual({ ours: 'stays' });
  });

  it('takes the CA that is there', async () => {
    const first = await ensure();
    now += 200 * dayMs;

    expect(await ensure()).toEqual(first);
    expect(objects.requests).toEqual([`GET ${path}`, `PATCH ${path}`, `GET ${path}`]);
  });

  it('lets replicas that start at the same time agree', async () => {
    const [first, second, third] = await Promise.all([ensure(), ensure(), ensure()]);

    expect(second).toEqual(first);
    expect(third).toEqual(first);
  });

  it('gives up a Secret whose every change is refused as a conflict: whoever calls it has pauses', async () => {
    const request: InMemoryObjects['request'] = (given) => {
      // As somebody else's admission webhook may do it.
      if (given.method === 'PATCH') objects.put(path, objects.get(path) ?? {});
      return objects.request(given);
    };

    await expect(ensure({ request })).rejects.toMatchObject({ code: 409 });
    expect(objects.requests.filter((one) => one.startsWith('PATCH'))).toHaveLength(3);
  });

  it('issues the next CA after two thirds of its life, and the bundle keeps the one before', async () => {
    const first = await ensure();
    now += 244 * dayMs;

    const second = await ensure();

    expect(second.current).not.toEqual(first.current);
    expect(second.bundle).toBe(new X509Certificate(second.current.certificate).toString() + first.bundle);
    expect(await ensure()).toEqual(second);
  });

  it('keeps two CAs before the current one, and none that has expired', async () => {
    const bundles = [];
    for (const afterMs of [0, dayMs, dayMs, dayMs, 364 * dayMs]) {
      now += afterMs;
      store({ 'ca.crt': stored()['ca.crt'] ?? '' });
      bundles.push((await ensure()).bundle.match(/BEGIN/g)?.length);
    }

    // The last one comes when the second and the third have expired.
    expect(bundles).toEqual([1, 2, 3, 3, 2]);
  });

  it('takes what a replica has issued whose clock is not quite an hour ahead', async () => {
    now += 59 * minuteMs;
    const first = await ensure();
    now -= 59 * minuteMs;

    expect(await ensure()).toEqual(first);
  });

  it('fails when the Secret is missing', async () => {
    objects = new InMemoryObjects();

    await expect(ensure()).rejects.toMatchObject({ code: 404 });
  });

  describe('issues a CA anew', () => {
    it.each([
      { when: 'its certificate is garbage', broken: { 'tls.crt': 'garbage' }, keeps: true },
      { when: 'its key is garbage', broken: { 'tls.key': 'garbage' }, keeps: true },
      { when: 'its key is missing', broken: { 'tls.key': '' }, keeps: true },
      { when: 'all is gone', broken: { 'tls.crt': '', 'tls.key': '', 'ca.crt': '' }, keeps: false },
    ])('when $when', async ({ broken, keeps }) => {
      const first = await ensure();
      store({ ...stored(), ...broken });

      const second = await ensure();

      expect(second.current).not.toEqual(first.current);
      expect(second.bundle.endsWith(first.bundle)).toBe(keeps);
      expect(stored()['tls.crt']).toBe(second.current.certificate);
    });

    it('when its certificate is no CA', async () => {
      const { current } = await ensure();
      const options = { commonName: 'x', dnsNames: [], ipAddresses: [], usage: 'server', lifetimeMs: dayMs } as const;
      const leaf = await issueCertificate(current, { ...options, now });
      store({ 'tls.crt': leaf.certificate, 'tls.key': leaf.privateKey });

      expect(new X509Certificate((await ensure()).current.certificate).ca).toBe(true);
    });

    it.each([
      { key: 'of an elliptic curve', pair: generateKeyPairSync('ec', { namedCurve: 'P-256' }) },
      { key: 'for RSASSA-PSS alone', pair: generateKeyPairSync('rsa-pss', { modulusLength: 2048 }) },
    ])('when its key is one $key, which cannot sign here', async ({ pair }) => {
      const { certificate } = await issueCa({ commonName: 'brought', now, lifetimeMs: dayMs });
      const privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      store({ 'tls.crt': withPublicKey(certificate, pair.publicKey), 'tls.key': privateKey });

      const { current } = await ensure();

      expect(new X509Certificate(current.certificate).publicKey.asymmetricKeyType).toBe('rsa');
      expect(stored()['tls.key']).toBe(current.privateKey);
    });

    it("when its key is another CA's", async () => {
      await ensure();
      const other = await issueCa({ commonName: 'other', now, lifetimeMs: dayMs });
      store({ ...stored(), 'tls.key': other.privateKey });

      const { current } = await ensure();

      expect(stored()['tls.key']).toBe(current.privateKey);
      expect(current.privateKey).not.toBe(other.privateKey);
    });
  });

  it('trusts the current CA though somebody took it out of the bundle', async () => {
    const { current, bundle } = await ensure();
    store({ ...stored(), 'ca.crt': 'garbage' });

    expect(await ensure()).toEqual({ current, bundle });
  });
});

/** The certificate with another public key in it; nobody looks at the signature of a CA. */
function withPublicKey(certificatePem: string, publicKey: KeyObject): string {
  const [{ body } = { body: '' }] = forge.pem.decode(certificatePem);
  const certificate = forge.asn1.fromDer(body);
  const [toBeSigned] = certificate.value as forge.asn1.Asn1[];
  const fields = toBeSigned?.value as forge.asn1.Asn1[];
  // TBSCertificate, https://datatracker.ietf.org/doc/html/rfc5280#section-4.1: subjectPublicKeyInfo is the seventh.
  fields[6] = forge.asn1.fromDer(publicKey.export({ type: 'spki', format: 'der' }).toString('latin1'));
  return forge.pem.encode({ type: 'CERTIFICATE', body: forge.asn1.toDer(certificate).getBytes() });
}
