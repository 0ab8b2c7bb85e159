import { X509Certificate } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { ApiRequest } from '../../shared/kubernetes/api-client.ts';
import { InMemoryObjects } from '../../test/in-memory-objects.ts';
import { issueCa } from './certificate.ts';
import { ensureServing, type Serving, type ServingOptions } from './ensure-serving.ts';

const hourMs = 60 * 60_000;
const dayMs = 24 * hourMs;
const secretPath = '/api/v1/namespaces/sync-sidecar/secrets/sync-sidecar-ca';
const configurationPath = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/sync-sidecar';
const validatingPath = configurationPath.replace('mutating', 'validating');
const url = 'https://127.0.0.1:8443/mutate';

let objects: InMemoryObjects;
let now: number;

beforeEach(() => {
  objects = new InMemoryObjects();
  objects.put(secretPath, { metadata: {} });
  configure({ url });
  now = Date.parse('2026-01-01T00:00:00Z');
});

describe('ensureServing', () => {
  it('issues a certificate for the hosts of the configuration, which the live caBundle verifies', async () => {
    const { serving, calls } = await ensure(null);

    expect(calls).toEqual(['certificate', null]);
    const { subjectAltName, validToDate } = new X509Certificate(serving.certificate.certificate);
    expect([subjectAltName, validToDate.getTime()]).toEqual(['IP Address:127.0.0.1', now + 7 * dayMs]);
  });

  it('issues none that outlives its CA', async () => {
    const brought = await issueCa({ commonName: 'brought', now, lifetimeMs: dayMs });
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const data = { 'tls.crt': base64(brought.certificate), 'tls.key': base64(brought.privateKey) };
    objects.put(secretPath, { metadata: {}, data });

    const { serving } = await ensure(null);

    expect(new X509Certificate(serving.certificate.certificate).validToDate.getTime()).toBe(now + dayMs);
  });

  it('leaves a certificate that will do', async () => {
    const first = await ensure(null);
    now += 4 * dayMs;

    expect(await ensure(first.serving)).toEqual({ serving: first.serving, calls: [null] });
  });

  it('renews after two thirds of life', async () => {
    const first = await ensure(null);
    now += 5 * dayMs;

    const second = await ensure(first.serving);

    expect(second.calls).toEqual(['certificate', null]);
    expect(second.serving.certificate).not.toEqual(first.serving.certificate);
  });

  it('follows the hosts of the configuration', async () => {
    const first = await ensure(null);
    configure({ service: { name: 'hook', namespace: 'ours' } });

    const second = await ensure(first.serving);

    expect(second.calls).toEqual(['certificate', null]);
    expect(new X509Certificate(second.serving.certificate.certificate).subjectAltName).toBe(
      'DNS:hook.ours.svc, DNS:hook.ours.svc.cluster.local, DNS:hook.ours',
    );
  });

  it('takes a new CA ten seconds after the caBundle has it, and until then serves what the one before has signed', async () => {
    const first = await ensure(null);
    rotate();

    const published = await ensure(first.serving);
    now += 9999;
    const spreading = await ensure(published.serving);
    now += 1;
    const second = await ensure(spreading.serving);

    expect([published, spreading, second].map(({ calls }) => calls)).toEqual([[null], [null], ['certificate', null]]);
    const { bundle, published: since } = published.serving;
    expect(spreading.serving).toEqual({ ...first.serving, bundle, published: since, againAt: now });
    expect(second.serving).toMatchObject({ bundle, published: since, againAt: Infinity });
  });

  it('takes a new CA at once where nobody trusts the one before any more', async () => {
    const first = await ensure(null);
    objects.put(secretPath, { metadata: {} });

    const second = await ensure(first.serving);

    expect(second.calls).toEqual(['certificate', null]);
    expect(objects.requests.slice(-5)).toEqual([
      `GET ${configurationPath}`,
      `GET ${secretPath}`,
      `PATCH ${secretPath}`,
      `PATCH ${configurationPath}`,
      `GET ${validatingPath}`,
    ]);
  });

  it('leaves no replica untrusted while two whose clocks are hours apart issue one CA after the other', async () => {
    const behind = await ensure(null);
    const ahead = await ensure(null);
    const clock = now;
    rotate();

    now = clock + 2 * hourMs;
    const rotated = await ensure(ahead.serving);
    now = clock + 1000;
    const rotatedAgain = await ensure(behind.serving);
    now = clock + 2 * hourMs + 2000;
    const next = await ensure(rotated.serving);

    expect([rotated, rotatedAgain, next].map(({ calls }) => calls)).toEqual([[null], [null], [null]]);
  });

  it('repairs a caBundle and goes on with the same certificate', async () => {
    const first = await ensure(null);
    configure({ url });

    expect(await ensure(first.serving)).toEqual({ serving: first.serving, calls: [null] });
  });

  it('serves and tells before anybody asks for the validating configuration, whose answer may be long in coming', async () => {
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    const { promise: answer, resolve: answerIt } = Promise.withResolvers<void>();
    const client = {
      request: async (request: ApiRequest) => {
        if (request.path === validatingPath) {
          ask();
          await answer;
        }
        return objects.request(request);
      },
    };
    const calls: (string | null)[] = [];

    const ensuring = ensureServing(options(calls, { client }), null);
    await asked;
    expect(calls).toEqual(['certificate', null]);

    answerIt();
    await ensuring;
  });

  it('serves nothing that the API server cannot verify', async () => {
    objects.delete(configurationPath);

    expect(await ensureFailing(null)).toEqual({
      error: notFound('mutatingwebhookconfigurations'),
      calls: [noConfiguration],
    });
  });

  it('mends the caBundle also while the CA cannot be read, by what the round before knew', async () => {
    const { serving } = await ensure(null);
    const published = objects.get(configurationPath)?.webhooks;
    objects.delete(secretPath);
    configure({ url });

    expect(await ensureFailing(serving)).toEqual({ error: notFound('secrets'), calls: [null] });
    expect(objects.get(configurationPath)?.webhooks).toEqual(published);
  });

  it('leaves a caBundle that verifies what is served while the CA cannot be read: it may be that of a later one', async () => {
    const { serving } = await ensure(null);
    rotate();
    await ensure(serving);
    const requests = objects.requests.length;
    objects.delete(secretPath);

    expect(await ensureFailing(serving)).toEqual({ error: notFound('secrets'), calls: [null] });
    expect(objects.requests.slice(requests)).toEqual([`GET ${configurationPath}`, `GET ${secretPath}`]);
  });

  it('tells that what is served is not trusted when the caBundle cannot be mended', async () => {
    const { serving } = await ensure(null);
    configure({ url });
    const refusal = new Error('patching is forbidden');
    const client = {
      request: async (request: ApiRequest) =>
        request.method === 'PATCH' ? Promise.reject(refusal) : objects.request(request),
    };

    expect(await ensureFailing(serving, client)).toEqual({
      error: refusal,
      calls: ['webhook "pods": the caBundle does not verify the serving certificate'],
    });
  });

  it('tells that nobody trusts what is served when the configuration has been deleted', async () => {
    const { serving } = await ensure(null);
    objects.delete(configurationPath);

    expect(await ensureFailing(serving)).toEqual({
      error: notFound('mutatingwebhookconfigurations'),
      calls: [noConfiguration],
    });
  });
});

const noConfiguration = 'cannot get mutatingwebhookconfigurations "sync-sidecar" at the cluster scope: not found (404)';

function notFound(resource: string): unknown {
  return expect.objectContaining({ code: 404, resource: expect.stringContaining(resource) as unknown });
}

/** As an operator asks for a new CA: the bundle keeps the one before. */
function rotate(): void {
  const { data } = objects.get(secretPath) as { data?: Record<string, string> };
  objects.put(secretPath, { metadata: {}, data: { 'ca.crt': data?.['ca.crt'] } });
}

function configure(clientConfig: object): void {
  objects.put(configurationPath, { metadata: {}, webhooks: [{ name: 'pods', clientConfig }] });
}

/** One round, and what it called back in which order: `certificate`, or the reason of mistrust. */
async function ensure(before: Serving | null) {
  const calls: (string | null)[] = [];
  return { serving: await ensureServing(options(calls), before), calls };
}

/** A round that fails, with what it said before. */
async function ensureFailing(before: Serving | null, client: ServingOptions['client'] = objects) {
  const calls: (string | null)[] = [];
  const error = await ensureServing(options(calls, { client }), before).catch((thrown: unknown) => thrown);
  return { error, calls };
}

function options(
  calls: (string | null)[],
  { client = objects }: { client?: ServingOptions['client'] } = {},
): ServingOptions {
  return {
    client,
    configurationName: 'sync-sidecar',
    caSecret: { namespace: 'sync-sidecar', name: 'sync-sidecar-ca' },
    onCertificate: () => calls.push('certificate'),
    onTrust: ({ reason }) => calls.push(reason),
    now: () => now,
    signal: new AbortController().signal,
    log: pino({ enabled: false }),
  };
}
