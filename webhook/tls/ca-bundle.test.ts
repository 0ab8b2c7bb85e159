import { describe, expect, it } from '@jest/globals';
import { InMemoryObjects } from '../../test/in-memory-objects.ts';
import { ensureCaBundle, readConfiguration, servedHosts } from './ca-bundle.ts';

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
