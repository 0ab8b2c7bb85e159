import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { parseBundle } from '../../webhook/tls/certificate.ts';
import { eventually } from '../eventually.ts';
import { logEntries } from '../product/log-entries.ts';
import { streamPods } from '../product/pod-stream.ts';
import { registerReplicas, type Replica, type WebhookReplicas } from '../product/webhook-replicas.ts';
import { cluster, folder, useCluster } from './use-cluster.ts';

useCluster();

// Several programs are started in each test, and the machine may be busy.
jest.setTimeout(120_000);

const suffix = '-replicas-test';
const secret = ['secret', `sync-sidecar-ca${suffix}`, '--namespace', `sync-sidecar${suffix}`];

// Every pod gets another sidecar by it than without.
const newConfiguration = `
apiVersion: sync-sidecar.io/v1alpha1
kind: InjectionConfiguration
defaults: { log-level: DEBUG, health-port: 9000 }
`;

let webhook: WebhookReplicas;
let namespace: string;

beforeEach(async () => {
  webhook = await registerReplicas(cluster, {
    folder: folder.path,
    suffix,
    namespaceLabels: { 'replicas-test': '' },
    // Longer than what a Service takes to lead elsewhere.
    env: { SHUTDOWN_DELAY: '2s' },
  });
  namespace = await cluster.createNamespace('replicas', { 'replicas-test': '' });
});

afterEach(async () => {
  await webhook.close();
  // The next test begins with an empty Secret, and a configuration without a caBundle.
  await cluster.kubectlOutput(['delete', ...secret]);
  await cluster.kubectlOutput(['delete', 'mutatingwebhookconfiguration', `sync-sidecar${suffix}`]);
});

async function storedCa(): Promise<X509Certificate> {
  const { data } = await cluster.get<{ data: Record<string, string> }>(...secret);
  return new X509Certificate(Buffer.from(data['tls.crt'] ?? '', 'base64'));
}

/** The caBundle of every entry of the live configuration. */
async function liveBundles(): Promise<X509Certificate[][]> {
  const configuration = await cluster.get<{ webhooks: { clientConfig: { caBundle?: string } }[] }>(
    'mutatingwebhookconfiguration',
    `sync-sidecar${suffix}`,
  );
  return configuration.webhooks.map(({ clientConfig: { caBundle = '' } }) =>
    parseBundle(Buffer.from(caBundle, 'base64').toString()),
  );
}

async function isServedBy(replica: Replica, ca: X509Certificate): Promise<boolean> {
  const certificate = await replica.servedCertificate();
  return certificate.checkIssued(ca) && certificate.verify(ca.publicKey);
}

function fingerprints(bundles: X509Certificate[][]): string[][] {
  return bundles.map((bundle) => bundle.map(({ fingerprint256 }) => fingerprint256));
}

/** From now on new connections are made to these. */
function leadTo(replicas: readonly Replica[]): void {
  webhook.balancer.backends = replicas.map(({ port }) => port);
}

describe('replicas of the webhook', () => {
  it('that start at the same second on an empty cluster agree on one CA', async () => {
    const [first, second] = await Promise.all([webhook.start(), webhook.start()]);

    const ca = await storedCa();
    const bundles = await liveBundles();
    expect(fingerprints(bundles)).toEqual([[ca.fingerprint256], [ca.fingerprint256]]);
    expect([await isServedBy(first, ca), await isServedBy(second, ca)]).toEqual([true, true]);
    const issued = [first, second].filter(({ program }) => program.log().includes('issued a new CA'));
    expect(issued).toHaveLength(1);
  });

  it('are replaced one after the other under a stream of pods, of which none is refused', async () => {
    const old = await Promise.all([webhook.start(), webhook.start()]);
    leadTo(old);
    await using stream = streamPods(cluster, namespace);
    await eventually(() => stream.result.injected > 10, { timeoutMs: 20_000 });

    const serving = [...old];
    for (const ending of old) {
      serving.push(await webhook.start());
      const ended = ending.program.stop();
      // The Service leads there for a while, as the endpoints change at the same time as SIGTERM is sent.
      await delay(1000);
      serving.splice(serving.indexOf(ending), 1);
      leadTo(serving);
      expect(await ended).toEqual({ code: 0, signal: null });
    }
    const before = stream.result.injected;
    await eventually(() => stream.result.injected > before + 10, { timeoutMs: 20_000 });

    expect((await stream.stop()).failures).toEqual([]);
  });

  it('refuse none of a stream of pods while a new configuration has reached one of them only', async () => {
    const CONFIG_FILE = `${folder.path}/replicas.yaml`;
    await writeFile(CONFIG_FILE, newConfiguration);
    const replicas = await Promise.all([webhook.start(), webhook.start({ CONFIG_FILE })]);
    leadTo(replicas);

    await using stream = streamPods(cluster, namespace, { workers: 8 });
    await eventually(() => stream.result.injected + stream.result.failures.length > 100, { timeoutMs: 60_000 });

    expect((await stream.stop()).failures).toEqual([]);
    // Both took part in both reviews.
    const took = replicas.map(({ program }) => {
      const reasons = logEntries(program).map(({ reason }) => reason);
      return ['injected', 'already-injected'].map((reason) => reasons.includes(reason));
    });
    expect(took).toEqual([
      [true, true],
      [true, true],
    ]);
  });

  it('take a new CA under a stream of pods, of which none is refused', async () => {
    const replicas = await Promise.all([webhook.start(), webhook.start()]);
    leadTo(replicas);
    const before = await storedCa();
    await using stream = streamPods(cluster, namespace);
    await eventually(() => stream.result.injected > 10, { timeoutMs: 20_000 });

    // As docs/operations.md has it.
    const patch = '[{"op":"remove","path":"/data/tls.crt"}]';
    await cluster.kubectlOutput(['patch', ...secret, '--type=json', '--patch', patch]);

    const ca = await eventually(
      async () => {
        const stored = await storedCa();
        return stored.fingerprint256 !== before.fingerprint256 && stored;
      },
      { timeoutMs: 20_000 },
    );
    await eventually(async () => (await Promise.all(replicas.map((one) => isServedBy(one, ca)))).every(Boolean), {
      timeoutMs: 40_000,
    });
    const both = [ca.fingerprint256, before.fingerprint256];
    expect(fingerprints(await liveBundles())).toEqual([both, both]);
    const injected = stream.result.injected;
    await eventually(() => stream.result.injected > injected + 10, { timeoutMs: 20_000 });
    expect((await stream.stop()).failures).toEqual([]);
  });

  it.each([
    ['wiped', ''],
    ['overwritten', Buffer.from('garbage').toString('base64')],
  ])('repair a caBundle that was %s', async (_how, caBundle) => {
    leadTo([await webhook.start()]);
    const ca = await storedCa();
    const patch = JSON.stringify(
      [0, 1].map((at) => ({ op: 'add', path: `/webhooks/${at}/clientConfig/caBundle`, value: caBundle })),
    );
    const name = `sync-sidecar${suffix}`;
    const isWhole = async (): Promise<boolean> => {
      const bundles = fingerprints(await liveBundles());
      return JSON.stringify(bundles) === JSON.stringify([[ca.fingerprint256], [ca.fingerprint256]]);
    };

    // A round that is still due after the start repairs it once without having been told.
    for (let time = 0; time < 2; time++) {
      await cluster.kubectlOutput(['patch', 'mutatingwebhookconfiguration', name, '--type=json', '--patch', patch]);
      await eventually(isWhole, { timeoutMs: 10_000 });
    }
    await using stream = streamPods(cluster, namespace);
    await eventually(() => stream.result.injected > 3, { timeoutMs: 10_000 });
  });
});
