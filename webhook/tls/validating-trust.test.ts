import { beforeAll, beforeEach, expect, it } from '@jest/globals';
import { InMemoryObjects } from '../../test/in-memory-objects.ts';
import { recordingLog, type LogLine } from '../../test/recording-log.ts';
import { issueCa, issueCertificate, type KeyPairPem } from './certificate.ts';
import { createValidatingTrust } from './validating-trust.ts';

const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/sync-sidecar';
const lifetime = { now: Date.now(), lifetimeMs: 60 * 60_000 };
const failure = 'workloads are applied without warnings: their webhook can not be called';

let ca: KeyPairPem;
let other: KeyPairPem;
let served: KeyPairPem;
let objects: InMemoryObjects;
let lines: LogLine[];
let look: (client?: Pick<InMemoryObjects, 'request'>) => Promise<void>;

beforeAll(async () => {
  ca = await issueCa({ commonName: 'ca', ...lifetime });
  other = await issueCa({ commonName: 'other', ...lifetime });
  const names = { commonName: 'x', dnsNames: [], ipAddresses: ['127.0.0.1'], usage: 'server', ...lifetime } as const;
  served = await issueCertificate(ca, names);
});

beforeEach(() => {
  objects = new InMemoryObjects();
  const recording = recordingLog();
  ({ lines } = recording);
  const tell = createValidatingTrust(recording.log);
  const { signal } = new AbortController();
  look = (client = objects) =>
    tell(served.certificate, { client, name: 'sync-sidecar', signal, now: lifetime.now, systemRoots: false });
});

function configure({ certificate }: KeyPairPem): void {
  const clientConfig = { url: 'https://127.0.0.1/validate', caBundle: Buffer.from(certificate).toString('base64') };
  objects.put(path, { metadata: { name: 'sync-sidecar' }, webhooks: [{ name: 'workloads', clientConfig }] });
}

it('a caBundle for advice that does not verify what is served is told once, and when it does', async () => {
  configure(other);
  await look();
  await look();

  expect(lines).toMatchObject([
    {
      level: 'WARNING',
      msg: failure,
      reason: 'webhook "workloads": the caBundle does not verify the serving certificate',
    },
  ]);

  configure(ca);
  await look();
  await look();
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatchObject({ level: 'INFO' });
});

it('nothing is told of one that is right from the start, nor where there is none', async () => {
  await look();
  configure(ca);
  await look();

  expect(lines).toEqual([]);
});

it('that it can not be read is told', async () => {
  await look({ request: () => Promise.reject(new Error('no answer')) });

  expect(lines).toMatchObject([
    { msg: failure, reason: 'the ValidatingWebhookConfiguration could not be read: no answer' },
  ]);
});
