import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Logger } from '../shared/log/log.ts';
import { createApp } from './app.ts';
import { unseenNamespaces } from './namespaces.ts';
import { createReviewer, type ReviewerOptions } from './review.ts';
import { Server } from './server.ts';
import type { KeyPairPem } from './tls/certificate.ts';

export interface WarmUpOptions extends Pick<ReviewerOptions, 'configuration' | 'image'> {
  readonly certificate: KeyPairPem;
  readonly log: Logger;
}

/**
 * Sends some reviews through everything that a review goes through, on a server that nobody else knows, and counts and logs none of them:
 * what V8 compiles for them it has for the first one that matters. A warm-up that fails costs the first pods some milliseconds.
 */
export async function warmUp({ certificate, log, ...deciding }: WarmUpOptions): Promise<void> {
  const silent = log.child({}, { level: 'silent' });
  const review = createReviewer({ ...deciding, namespaces: unseenNamespaces, log: silent });
  const app = createApp({ review, advise: review, notReadyReason: () => null, log });
  const server = new Server({ app, certificate });
  // To ourselves, whatever the certificate says.
  const agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false });
  try {
    const port = await server.listen(0, '127.0.0.1');
    for (let round = 0; round < rounds; round++) {
      for (const pod of samplePods) await ask(pod, { port, agent });
    }
  } catch (err) {
    log.warn({ err }, 'the warm-up has failed');
  } finally {
    agent.destroy();
    await server.close(0);
  }
}

/** Measured: without, the first review takes 15 ms and more; after one round 4; after ten 3, and the next ones half as long. */
const rounds = 10;

const settings = { 'sync-sidecar.io/label': 'warm', 'sync-sidecar.io/folder': '/warm' };

/** As Grafana's: several syncs, one of Secrets, that call the application. */
const severalSyncs = {
  ...{ 'sync-sidecar.io/syncs': 'first,second', 'sync-sidecar.io/label': 'warm' },
  ...{ 'first.sync-sidecar.io/folder': '/first', 'second.sync-sidecar.io/folder': '/second' },
  ...{ 'second.sync-sidecar.io/resource': 'secret', 'sync-sidecar.io/req-url': 'http://localhost:3000/reload' },
  ...{ 'sync-sidecar.io/req-username-from': 'warm/user', 'sync-sidecar.io/req-password-from': 'warm/password' },
};

/** Two are injected, unless the policy forbids what they say, and one is not accepted, whatever the configuration says. */
const samplePods = [settings, severalSyncs, { ...settings, 'sync-sidecar.io/methd': 'WATCH' }].map((said) => ({
  metadata: { annotations: { 'sync-sidecar.io/inject': 'true', ...said } },
  spec: { containers: [{ name: 'app', volumeMounts: [] }], initContainers: [], volumes: [] },
}));

async function ask(pod: object, options: https.RequestOptions): Promise<void> {
  const kind = { group: '', version: 'v1', kind: 'Pod' };
  const request = { uid: 'warm-up', kind, operation: 'CREATE', namespace: 'warm-up', object: pod };
  const body = JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const sent = https.request({ ...options, host: '127.0.0.1', method: 'POST', path: '/mutate', headers }).end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  await once(response.resume(), 'end');
  if (response.statusCode !== 200) throw new Error(`a review of the warm-up was answered ${response.statusCode}`);
}
