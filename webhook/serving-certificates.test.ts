import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { ApiClient } from '../shared/kubernetes/api-client.ts';
import { eventually } from '../test/eventually.ts';
import { startFakeApiServer } from '../test/fake-api-server.ts';
import type { FakeApiServer } from '../test/fake-api-server.ts';
import { issueCa } from './certificate.ts';
import { runServingCertificates } from './serving-certificates.ts';

// What these tests need no PATCH for; with a real API server: test/cluster.
const deadline = { timeoutMs: 5000, intervalMs: 5 };
const base64 = (text: string) => Buffer.from(text).toString('base64');

let server: FakeApiServer;
let client: ApiClient;
let stop: AbortController;
let running: Promise<void>;
/** Who the certificates were for, in the order in which they came. */
let served: (string | undefined)[];
let mistrust: string | null;
let warnings: number;

beforeEach(async () => {
  server = await startFakeApiServer();
  client = new ApiClient(server.access);
  stop = new AbortController();
  served = [];
  mistrust = 'nothing known yet';
  warnings = 0;
});

afterEach(async () => {
  stop.abort();
  await running;
  client.close();
  await server.stop();
});

describe('runServingCertificates', () => {
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
});

const notFound = 'cannot get secrets "sync-sidecar-ca" in namespace "sync-sidecar": not found (404)';

function run(): void {
  running = runServingCertificates({
    client,
    configurationName: 'sync-sidecar',
    caSecret: { namespace: 'sync-sidecar', name: 'sync-sidecar-ca' },
    onCertificate: ({ certificate }) => served.push(new X509Certificate(certificate).subjectAltName),
    onTrust: ({ reason }) => (mistrust = reason),
    now: Date.now,
    random: Math.random,
    signal: stop.signal,
    log: pino({ level: 'warn' }, { write: () => void warnings++ }),
  });
}

/** Stores a CA that will do and returns the caBundle of it. */
async function storeCa(): Promise<string> {
  const { certificate, privateKey } = await issueCa({ commonName: 'ca', now: Date.now(), lifetimeMs: 60 * 60_000 });
  const data = { 'tls.crt': base64(certificate), 'tls.key': base64(privateKey), 'ca.crt': base64(certificate) };
  server.put('secrets', { metadata: { name: 'sync-sidecar-ca', namespace: 'sync-sidecar' }, data });
  // As the webhook itself writes it: one line end per line.
  return base64(new X509Certificate(certificate).toString());
}

function configure(url: string, caBundle: string): void {
  const webhooks = [{ name: 'pods', clientConfig: { url, caBundle } }];
  server.put('mutatingwebhookconfigurations', { metadata: { name: 'sync-sidecar' }, webhooks });
}
