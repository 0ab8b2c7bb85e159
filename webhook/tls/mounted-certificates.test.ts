import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ApiClient } from '../../shared/kubernetes/api-client.ts';
import { eventually } from '../../test/eventually.ts';
import { startFakeApiServer, type FakeApiServer } from '../../test/fake-api-server.ts';
import { recordingLog } from '../../test/recording-log.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { issueCa, issueCertificate, type KeyPairPem } from './certificate.ts';
import { runMountedCertificates, type MountedCertificatesOptions } from './mounted-certificates.ts';
import type { Trust } from './trust.ts';

const deadline = { timeoutMs: 15_000, intervalMs: 5 };
const lifetime = { now: Date.now(), lifetimeMs: 60 * 60_000 };
const base64 = (text: string) => Buffer.from(text).toString('base64');
const distrust = 'webhook "pods": the caBundle does not verify the serving certificate';

const noConfiguration = {
  reason: 'cannot get mutatingwebhookconfigurations "sync-sidecar" at the cluster scope: not found (404): NotFound',
  until: null,
};

let ca: KeyPairPem;
let nextCa: KeyPairPem;
let first: KeyPairPem;
let second: KeyPairPem;
let scratch: ReturnType<typeof scratchFolder>;
let server: FakeApiServer;
let client: ApiClient;
let stop: AbortController;
let running: Promise<void>;
let served: KeyPairPem[];
let trusts: Trust[];

beforeAll(async () => {
  ca = await issueCa({ commonName: 'ca', ...lifetime });
  nextCa = await issueCa({ commonName: 'next', ...lifetime });
  const options = { commonName: 'x', dnsNames: [], ipAddresses: ['127.0.0.1'], usage: 'server', ...lifetime } as const;
  first = await issueCertificate(ca, options);
  second = await issueCertificate(nextCa, options);
});

beforeEach(async () => {
  scratch = scratchFolder();
  server = await startFakeApiServer();
  client = new ApiClient(server.access);
  stop = new AbortController();
  served = [];
  trusts = [];
  write(first);
});

afterEach(async () => {
  stop.abort();
  await running;
  client.close();
  await server.stop();
  scratch[Symbol.dispose]();
});

function write({ certificate, privateKey }: KeyPairPem): void {
  writeFileSync(join(scratch.path, 'tls.crt'), certificate);
  writeFileSync(join(scratch.path, 'tls.key'), privateKey);
}

function configure(caBundle: string): void {
  const webhooks = [{ name: 'pods', clientConfig: { url: 'https://127.0.0.1/mutate', caBundle: base64(caBundle) } }];
  server.put('mutatingwebhookconfigurations', { metadata: { name: 'sync-sidecar' }, webhooks });
}

function run(more: Partial<MountedCertificatesOptions> = {}): void {
  running = runMountedCertificates(
    {
      client,
      configurationName: 'sync-sidecar',
      systemRoots: false,
      files: { certificate: join(scratch.path, 'tls.crt'), privateKey: join(scratch.path, 'tls.key') },
      intervalMs: 5,
      onCertificate: (pair) => served.push(pair),
      onTrust: (trust) => trusts.push(trust),
      onLook: () => undefined,
      now: Date.now,
      random: Math.random,
      signal: stop.signal,
      log: recordingLog().log,
      ...more,
    },
    first,
  );
}

function untilTrust(expected: Trust): Promise<unknown> {
  return eventually(() => JSON.stringify(trusts.at(-1)) === JSON.stringify(expected), deadline);
}

function untilOf({ certificate }: KeyPairPem): Trust {
  return { reason: null, until: new X509Certificate(certificate).validToDate.getTime() };
}

describe('a mounted certificate', () => {
  it('is served at once, and trusted as soon as somebody has set the caBundle, which is only read', async () => {
    configure('');
    run();
    await untilTrust({ reason: distrust, until: null });

    configure(ca.certificate);

    await untilTrust(untilOf(ca));
    expect(served).toEqual([first]);
    expect([...new Set(server.requests.map(({ verb }) => verb))].sort()).toEqual(['get', 'list', 'watch']);
  });

  it('needs no caBundle where the API server may have roots of its own', async () => {
    configure('');
    run({ systemRoots: true });

    await untilTrust({ reason: null, until: null });
  });

  it('is judged anew when it is replaced', async () => {
    configure(ca.certificate);
    run();
    await untilTrust(untilOf(ca));

    write(second);

    await untilTrust({ reason: distrust, until: null });
    configure(ca.certificate + nextCa.certificate);
    await untilTrust(untilOf(nextCa));
    expect(served).toEqual([first, second]);
  });

  it('is not trusted while the configuration cannot be read, and the reason is told', async () => {
    run();

    await eventually(() => trusts.length > 0, deadline);
    expect(trusts[0]).toEqual(noConfiguration);
  });

  it('is not trusted any more when the configuration has been deleted', async () => {
    configure(ca.certificate);
    run();
    await untilTrust(untilOf(ca));
    await eventually(() => server.openWatches === 1, deadline);

    server.delete('mutatingwebhookconfigurations', { name: 'sync-sidecar' });

    await untilTrust(noConfiguration);
  });

  it('is not trusted any more when it has expired, although nothing changes', async () => {
    let now = Date.now();
    configure(ca.certificate);
    run({ now: () => now, recheckMs: 10 });
    await untilTrust(untilOf(ca));
    // The first is that of the start, the second that of the watch's first list.
    await eventually(() => countGets() > 2, deadline);

    const { validToDate } = new X509Certificate(first.certificate);
    now = validToDate.getTime() + 1;

    const reason = `webhook "pods": the serving certificate has expired at ${validToDate.toISOString()}`;
    await untilTrust({ reason, until: null });
  });

  it('stays trusted when the API server cannot be asked later', async () => {
    configure(ca.certificate);
    run();
    await untilTrust(untilOf(ca));
    await eventually(() => server.openWatches === 1, deadline);
    const gets = countGets();
    server.fail('get', { kind: 'status', code: 503, reason: 'ServiceUnavailable' });

    configure(ca.certificate);

    await eventually(() => countGets() > gets, deadline);
    expect(trusts.filter(({ reason }) => reason !== null)).toEqual([]);
  });

  it('is served without anybody being asked', async () => {
    run({ client: null });

    write(second);

    await eventually(() => served.length === 2, deadline);
    expect([served, trusts, server.requests]).toEqual([[first, second], [], []]);
  });
});

function countGets(): number {
  return server.requests.filter(({ verb }) => verb === 'get').length;
}
