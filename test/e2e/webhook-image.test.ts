import { beforeAll, describe, expect, it } from '@jest/globals';
import { deletePod, pod, untilReady } from './pods.ts';
import { node, useNode } from './use-node.ts';
import { webhookNamespace, webhookPodSpec } from './webhook-pods.ts';

useNode();

/** In the namespace of `manifests/base`, beside the webhook that all tests use: two replicas with one CA. */
const ref = { namespace: webhookNamespace, name: 'replica' };

describe("the webhook's image, with a read-only root and a user that it does not know,", () => {
  beforeAll(async () => {
    const { containers, ...spec } = await webhookPodSpec();
    await node.apply([pod(ref, { containers, spec })]);
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
