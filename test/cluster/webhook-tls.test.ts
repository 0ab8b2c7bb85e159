import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { issueCa, issueCertificate, type KeyPairPem } from '../../webhook/tls/certificate.ts';
import { findFreePort } from '../control-plane/free-port.ts';
import { eventually } from '../eventually.ts';
import { logEntries } from '../product/log-entries.ts';
import { streamPods } from '../product/pod-stream.ts';
import { projectFiles } from '../product/projected-volume.ts';
import { scrapeAt } from '../product/scrape.ts';
import { asking, pod } from '../product/test-objects.ts';
import { registerReplicas, type Replica, type WebhookReplicas } from '../product/webhook-replicas.ts';
import { cluster, folder, useCluster } from './use-cluster.ts';

useCluster();

// Files are looked at every ten seconds, and the machine may be busy.
jest.setTimeout(120_000);

const suffix = '-tls-test';
const hourMs = 60 * 60_000;

let ca: KeyPairPem;
let nextCa: KeyPairPem;
let webhook: WebhookReplicas;
let secretFolder: string;
let namespace: string;
let metricsPort: number;

beforeAll(async () => {
  const options = { now: Date.now(), lifetimeMs: hourMs };
  ca = await issueCa({ commonName: 'issuer', ...options });
  nextCa = await issueCa({ commonName: 'next issuer', ...options });
});

beforeEach(async () => {
  secretFolder = join(folder.path, `tls-${Math.random().toString(36).slice(2)}`);
  mkdirSync(secretFolder);
  metricsPort = await findFreePort('127.0.0.1', Math.random);
  webhook = await registerReplicas(cluster, {
    folder: folder.path,
    suffix,
    namespaceLabels: { 'tls-test': '' },
    env: {
      TLS_MODE: 'cert-manager',
      TLS_CERT_FILE: join(secretFolder, 'tls.crt'),
      TLS_KEY_FILE: join(secretFolder, 'tls.key'),
      METRICS_PORT: String(metricsPort),
    },
  });
  await restrictRights();
  namespace = await cluster.createNamespace('tls', { 'tls-test': '' });
});

/** What docs/operations.md says to be enough: no Secret, and nothing to write. */
async function restrictRights(): Promise<void> {
  const name = `sync-sidecar-webhook${suffix}`;
  await cluster.kubectlOutput(['delete', 'rolebinding', name, '--namespace', `sync-sidecar${suffix}`]);
  const patch = '[{"op":"replace","path":"/rules/0/verbs","value":["get","list","watch"]}]';
  await cluster.kubectlOutput(['patch', 'clusterrole', name, '--type=json', '--patch', patch]);
}

afterEach(async () => {
  await webhook.close();
  await cluster.kubectlOutput(['delete', 'mutatingwebhookconfiguration', `sync-sidecar${suffix}`]);
});

/** As cert-manager issues a certificate, and the kubelet brings its Secret into the volume. */
async function issue(issuer: KeyPairPem): Promise<KeyPairPem> {
  const names = { commonName: 'webhook', dnsNames: [], ipAddresses: ['127.0.0.1'], usage: 'server' } as const;
  const pair = await issueCertificate(issuer, { ...names, now: Date.now(), lifetimeMs: hourMs });
  mount(pair, issuer);
  return pair;
}

function mount({ certificate, privateKey }: KeyPairPem, issuer: KeyPairPem): void {
  projectFiles(secretFolder, { 'tls.crt': certificate, 'tls.key': privateKey, 'ca.crt': issuer.certificate });
}

/** As cert-manager's cainjector does it. */
async function injectCaBundle(...cas: KeyPairPem[]): Promise<void> {
  const value = Buffer.from(cas.map(({ certificate }) => certificate).join('')).toString('base64');
  const operations = [0, 1].map((at) => ({ op: 'add', path: `/webhooks/${at}/clientConfig/caBundle`, value }));
  const name = `sync-sidecar${suffix}`;
  const patch = ['--type=json', '--patch', JSON.stringify(operations)];
  await cluster.kubectlOutput(['patch', 'mutatingwebhookconfiguration', name, ...patch]);
}

async function caBundles(): Promise<(string | undefined)[]> {
  const configuration = await cluster.get<{ webhooks: { clientConfig: { caBundle?: string } }[] }>(
    'mutatingwebhookconfiguration',
    `sync-sidecar${suffix}`,
  );
  return configuration.webhooks.map(({ clientConfig }) => clientConfig.caBundle);
}

async function issuerOf(replica: Replica): Promise<string> {
  const { issuer } = await replica.servedCertificate();
  return issuer.split('\n')[0] ?? '';
}

/** cert-manager cannot be run here: the tests do what it does. */
describe('the webhook with TLS_MODE=cert-manager', () => {
  it('is ready once the cainjector has set the caBundle, and never writes it', async () => {
    const serving = await issue(ca);
    const starting = webhook.start();
    await eventually(async () => (await scrapeAt(metricsPort)).get('sync_sidecar_webhook_ca_bundle_trusted') === 0, {
      timeoutMs: 20_000,
    });
    expect(await caBundles()).toEqual([undefined, undefined]);

    await injectCaBundle(ca);
    const replica = await starting;

    webhook.balancer.backends = [replica.port];
    await cluster.apply([pod({ name: 'app', annotations: asking })], namespace);
    const reasons = logEntries(replica.program)
      .filter(({ msg }) => msg === 'not ready')
      .map(({ reason }) => reason);
    expect(reasons.at(-1)).toBe('webhook "pods.sync-sidecar.io": the caBundle does not verify the serving certificate');
    const samples = await scrapeAt(metricsPort);
    const told = (name: string): number | undefined => samples.get(`sync_sidecar_webhook_${name}`);
    const expiry = ['serving', 'ca'].map((one) => told(`certificate_expiry_timestamp_seconds{certificate="${one}"}`));
    expect(expiry).toEqual(
      [serving, ca].map(({ certificate }) => new X509Certificate(certificate).validToDate.getTime() / 1000),
    );
    expect([told('ready'), told('ca_bundle_trusted')]).toEqual([1, 1]);
    // The pod was reviewed twice, the second time after it was injected.
    expect(told('review_duration_seconds_count')).toBe(2);
  });

  it('takes what was renewed by another issuer, under a stream of pods, of which none is refused', async () => {
    await issue(ca);
    await injectCaBundle(ca);
    const replica = await webhook.start();
    webhook.balancer.backends = [replica.port];
    await using stream = streamPods(cluster, namespace);

    await injectCaBundle(ca, nextCa);
    await issue(nextCa);
    await eventually(async () => (await issuerOf(replica)) === 'CN=next issuer', { timeoutMs: 30_000 });
    await injectCaBundle(nextCa);
    const { injected } = stream.result;
    await eventually(() => stream.result.injected > injected + 10, { timeoutMs: 20_000 });

    expect((await stream.stop()).failures).toEqual([]);
  });

  it('keeps what it serves when the next pair is none, says so, and takes the one after it', async () => {
    await issue(ca);
    await injectCaBundle(ca);
    const replica = await webhook.start();
    const served = await replica.servedCertificate();
    const reloaded = async (): Promise<number | undefined> =>
      (await scrapeAt(metricsPort)).get('sync_sidecar_webhook_certificate_last_reload_successful');

    mount({ certificate: served.toString(), privateKey: nextCa.privateKey }, ca);

    await eventually(async () => (await reloaded()) === 0, { timeoutMs: 40_000 });
    expect((await replica.servedCertificate()).fingerprint256).toBe(served.fingerprint256);
    const complaints = logEntries(replica.program).filter(({ level }) => level === 'ERROR');
    expect(complaints.map(({ problems }) => problems)).toEqual([
      [`TLS_KEY_FILE: names ${secretFolder}/tls.key, which holds another key than that of the certificate`],
    ]);

    await issue(ca);

    await eventually(async () => (await reloaded()) === 1, { timeoutMs: 40_000 });
    expect((await replica.servedCertificate()).fingerprint256).not.toBe(served.fingerprint256);
  });
});
