import { beforeAll, describe, expect, it } from '@jest/globals';
import { InMemoryObjects } from '../test/in-memory-objects.ts';
import { ensureCaBundle, mistrustReason, readConfiguration, servedHosts } from './ca-bundle.ts';
import { issueCa, issueCertificate } from './certificate.ts';
import type { KeyPairPem } from './certificate.ts';

const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/sync-sidecar';
const service = { namespace: 'sync-sidecar', name: 'sync-sidecar-webhook', path: '/mutate' };
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('ensureCaBundle', () => {
  const other = { name: 'b', clientConfig: { service, caBundle: base64('other') }, timeoutSeconds: 5 };

  it('sets the bundle of every entry and nothing else', async () => {
    const { objects, options } = withConfiguration([{ name: 'a', clientConfig: { service } }, other]);

    const live = await ensureCaBundle(await readConfiguration(options), 'ours', options);

    expect(live).toEqual({
      metadata: { name: 'sync-sidecar', resourceVersion: '2' },
      webhooks: [
        { name: 'a', clientConfig: { service, caBundle: base64('ours') } },
        { name: 'b', clientConfig: { service, caBundle: base64('ours') }, timeoutSeconds: 5 },
      ],
    });
    expect(objects.get(path)).toEqual(live);
  });

  it('writes nothing where all is right', async () => {
    const { objects, options } = withConfiguration([other]);
    const found = await readConfiguration(options);

    expect(await ensureCaBundle(found, 'other', options)).toBe(found);
    expect(objects.requests).toEqual([`GET ${path}`]);
  });

  it('never writes into another entry when they were reordered in between', async () => {
    const reordered = [other, { name: 'a', clientConfig: { service } }];
    const { objects, options } = withConfiguration([...reordered].reverse());
    const found = await readConfiguration(options);
    objects.put(path, { metadata: {}, webhooks: reordered });

    await expect(ensureCaBundle(found, 'ours', options)).rejects.toMatchObject({ code: 422 });
    expect(objects.get(path)?.webhooks).toEqual(reordered);
  });

  function withConfiguration(webhooks: object[]) {
    const objects = new InMemoryObjects();
    objects.put(path, { metadata: { name: 'sync-sidecar' }, webhooks });
    return { objects, options: { client: objects, name: 'sync-sidecar', signal: new AbortController().signal } };
  }
});

describe('servedHosts', () => {
  it.each([
    {
      of: 'a service, once for several entries',
      clientConfigs: [{ service }, { service }],
      hosts: [
        'sync-sidecar-webhook.sync-sidecar.svc',
        'sync-sidecar-webhook.sync-sidecar.svc.cluster.local',
        'sync-sidecar-webhook.sync-sidecar',
      ],
    },
    {
      of: 'URLs',
      clientConfigs: [
        { url: 'https://127.0.0.1:8443/mutate' },
        { url: 'https://Hooks.example/x' },
        { url: 'https://[::1]/' },
      ],
      hosts: ['127.0.0.1', 'hooks.example', '::1'],
    },
    { of: 'what is no URL', clientConfigs: [{ url: 'hooks' }, {}], hosts: [] },
    { of: 'no entries', clientConfigs: [], hosts: [] },
  ])('are those of $of', ({ clientConfigs, hosts }) => {
    const webhooks = clientConfigs.map((clientConfig, index) => ({ name: `${index}`, clientConfig }));

    expect(servedHosts({ webhooks })).toEqual(hosts);
  });

  it('are none of a configuration without entries', () => {
    expect(servedHosts({})).toEqual([]);
  });
});

describe('mistrustReason', () => {
  const dayMs = 24 * 60 * 60_000;
  const now = Date.parse('2026-01-01T00:00:00Z');
  const url = 'https://127.0.0.1:8443/mutate';
  let ca: KeyPairPem;
  let another: KeyPairPem;
  let serving: KeyPairPem;

  beforeAll(async () => {
    [ca, another] = await Promise.all([
      issueCa({ commonName: 'ca', now, lifetimeMs: 2 * dayMs }),
      issueCa({ commonName: 'ca', now, lifetimeMs: 2 * dayMs }),
    ]);
    const options = { commonName: 'x', dnsNames: [], ipAddresses: ['127.0.0.1'], usage: 'server', now } as const;
    serving = await issueCertificate(ca, { ...options, lifetimeMs: 3 * dayMs });
  });

  it('is none when every entry has the CA, alone or among others', () => {
    expect(reasonFor([ca.certificate, another.certificate + ca.certificate])).toBeNull();
  });

  it.each([
    { when: 'there are no entries', bundles: () => [], reason: 'the webhook configuration has no entries' },
    {
      when: 'a bundle is missing',
      bundles: () => [ca.certificate, ''],
      reason: 'webhook "1": the caBundle does not verify the serving certificate',
    },
    {
      when: 'a bundle is garbage',
      bundles: () => ['garbage'],
      reason: 'webhook "0": the caBundle does not verify the serving certificate',
    },
    {
      when: 'the CA is another',
      bundles: () => [another.certificate],
      reason: 'webhook "0": the caBundle does not verify the serving certificate',
    },
  ])('is told when $when', ({ bundles, reason }) => {
    expect(reasonFor(bundles())).toBe(reason);
  });

  it('is told when the CA or the certificate has expired', () => {
    expect(reasonFor([ca.certificate], { at: now + 2.5 * dayMs })).toBe(
      'webhook "0": the caBundle does not verify the serving certificate',
    );
    expect(reasonFor([ca.certificate], { at: now + 4 * dayMs })).toBe(
      'webhook "0": the serving certificate has expired',
    );
  });

  it('is told when the entry calls another host', () => {
    expect(reasonFor([ca.certificate], { entryUrl: 'https://10.0.0.1/' })).toBe(
      'webhook "0": the serving certificate does not name 10.0.0.1',
    );
  });

  function reasonFor(bundles: string[], { at = now, entryUrl = url } = {}): string | null {
    const webhooks = bundles.map((bundle, index) => ({
      name: `${index}`,
      clientConfig: { url: entryUrl, caBundle: base64(bundle) },
    }));
    return mistrustReason({ webhooks }, serving.certificate, at);
  }
});
