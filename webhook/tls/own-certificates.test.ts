import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { ApiClient } from '../../shared/kubernetes/api-client.ts';
import { eventually } from '../../test/eventually.ts';
import { startFakeApiServer } from '../../test/fake-api-server.ts';
import type { FakeApiServer } from '../../test/fake-api-server.ts';
import { issueCa } from './certificate.ts';
import { runOwnCertificates } from './own-certificates.ts';

// What these tests need no PATCH for; with a real API server: test/cluster.
const deadline = { timeoutMs: 15_000, intervalMs: 5 };
const base64 = (text: string) => Buffer.from(text).toString('base64');

let server: FakeApiServer;
let client: ApiClient;
let stop: AbortController;
let running: Promise<void>;
/** Who the certificates were for, in the order in which they came. */
let served: (string | undefined)[];
let mistrust: string | null;
let warnings: number;
let now: number;

beforeEach(async () => {
  server = await startFakeApiServer();
  client = new ApiClient(server.access);
  stop = new AbortController();
  served = [];
  mistrust = 'nothing known yet';
  warnings = 0;
  now = Date.now();
});

afterEach(async () => {
  stop.abort();
  await running;
  client.close();
  await server.stop();
});

describe('runOwnCertificates', () => {
  it('serves a certificate at once, and another as soon as the configuration names another host', async () => {
    const caBundle = await storeCa();
    configure('https://127.0.0.1/mutate', caBundle);
    run();
    await eventually(() => mistrust === null && server.openWatches === 3, deadline);

    configure('https://hooks.example/mutate', caBundle);

    await eventually(() => served.length === 2, deadline);
    expect(served).toEqual(['IP Address:127.0.0.1', 'DNS:hooks.example']);
  });

  it('says what keeps it from serving, and serves once that is mended', async () => {
    configure('https://127.0.0.1/mutate', '');
    run();
    await eventually(() => mistrust?.startsWith(notFound) && server.openWatches === 3, deadline);

    configure('https://127.0.0.1/mutate', await storeCa());

    await eventually(() => mistrust === null, deadline);
    expect(served).toEqual(['IP Address:127.0.0.1']);
  });

  it('stays trusted when the API server cannot be asked for a while', async () => {
    const caBundle = await storeCa();
    configure('https://127.0.0.1/mutate', caBundle);
    run();
    await eventually(() => mistrust === null && server.openWatches === 3, deadline);
    server.fail('get', { kind: 'status', code: 503, reason: 'ServiceUnavailable' });

    configure('https://127.0.0.1/mutate', caBundle);

    await eventually(() => warnings === 1, deadline);
    expect([mistrust, served]).toEqual([null, ['IP Address:127.0.0.1']]);
  });

  it('renews a certificate that is due although nothing changes, after a round that failed too', async () => {
    configure('https://127.0.0.1/mutate', await storeCa(365 * dayMs));
    run(10);
    await eventually(() => rounds() > 2 && server.openWatches === 3, deadline);
    expect(served).toHaveLength(1);

    now += 5 * dayMs;
    await eventually(() => served.length === 2, deadline);

    server.fail('get', { kind: 'status', code: 403, reason: 'Forbidden' });
    now += 5 * dayMs;
    await eventually(() => served.length === 3, deadline);
    expect([warnings, mistrust]).toEqual([1, null]);
  });
});

const notFound = 'cannot get secrets "sync-sidecar-ca" in namespace "sync-sidecar": not found (404)';

const dayMs = 24 * 60 * 60_000;

/** From the third on they come of time alone: the first is that of the start, the second that of the watches' first lists. */
function rounds(): number {
  return server.requests.filter(({ verb, path }) => verb === 'get' && path.endsWith('/secrets/sync-sidecar-ca')).length;
}

function run(recheckMs = 60_000): void {
  running = runOwnCertificates({
    client,
    configurationName: 'sync-sidecar',
    caSecret: { namespace: 'sync-sidecar', name: 'sync-sidecar-ca' },
    onCertificate: ({ certificate }) => served.push(new X509Certificate(certificate).subjectAltName),
    onTrust: ({ reason }) => (mistrust = reason),
    now: () => now,
    random: Math.random,
    recheckMs,
    signal: stop.signal,
    log: pino({ level: 'warn' }, { write: () => void warnings++ }),
  });
}

/** Stores a CA that will do and returns the caBundle of it. */
async function storeCa(lifetimeMs = 60 * 60_000): Promise<string> {
  const { certificate, privateKey } = await issueCa({ commonName: 'ca', now, lifetimeMs });
  const data = { 'tls.crt': base64(certificate), 'tls.key': base64(privateKey), 'ca.crt': base64(certificate) };
  server.put('secrets', { metadata: { name: 'sync-sidecar-ca', namespace: 'sync-sidecar' }, data });
  // As the webhook itself writes it: one line end per line.
  return base64(new X509Certificate(certificate).toString());
}

function configure(url: string, caBundle: string): void {
  const webhooks = [{ name: 'pods', clientConfig: { url, caBundle } }];
  server.put('mutatingwebhookconfigurations', { metadata: { name: 'sync-sidecar' }, webhooks });
}
