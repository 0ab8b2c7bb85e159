import { beforeAll, describe, expect, it } from '@jest/globals';
import { sidecarImage, webhookImage } from '../node/images.ts';
import { deletePod, pod, restricted, untilReady } from './pods.ts';
import { node, useNode } from './use-node.ts';

useNode();

const https = { name: 'https', containerPort: 8443 };
const webhook = {
  name: 'webhook',
  image: webhookImage,
  env: [{ name: 'SIDECAR_IMAGE', value: sidecarImage }],
  ports: [https],
  readinessProbe: { httpGet: { path: '/readyz', port: https.name, scheme: 'HTTPS' }, periodSeconds: 1 },
  livenessProbe: { httpGet: { path: '/livez', port: https.name, scheme: 'HTTPS' } },
  securityContext: restricted,
};
const spec = {
  serviceAccountName: 'sync-sidecar-webhook',
  // As OpenShift chooses them: a user that no image knows, of the group 0.
  securityContext: { runAsUser: 1000650000, runAsGroup: 0 },
  // It goes on for SHUTDOWN_DELAY after it is told to end.
  terminationGracePeriodSeconds: 30,
};

/** In the namespace of `manifests/base`, beside the webhook that all tests use: two replicas with one CA. */
const ref = { namespace: 'sync-sidecar', name: 'replica' };

describe("the webhook's image, with a read-only root and a user that it does not know,", () => {
  beforeAll(async () => {
    await node.apply([pod(ref, { containers: [webhook], spec })]);
    await untilReady(ref);
  }, 90_000);

  it('is ready, by a certificate that the API server trusts', async () => {
    const secret = ['get', 'secret', 'sync-sidecar-ca', '--namespace', ref.namespace];
    const encoded = await node.kubectlOutput([...secret, '--output', 'jsonpath={.data.ca\\.crt}']);
    const ca = Buffer.from(encoded, 'base64').toString();
    const options = { port: 8443, path: '/readyz', servername: 'sync-sidecar-webhook.sync-sidecar.svc', ca };
    const script = `https.get(${JSON.stringify(options)}, (answer) => answer.pipe(process.stdout))`;

    // There is no shell.
    const command = ['exec', ref.name, '--namespace', ref.namespace, '--', 'node', '--eval', script];
    expect(await node.kubectlOutput(command)).toBe('ok');
  });

  it('ends by itself, without an error, when the pod is deleted', async () => {
    expect(await deletePod(ref)).toMatchObject([
      { name: 'webhook', restartCount: 0, state: { terminated: { exitCode: 0, reason: 'Completed' } } },
    ]);
  });
});
