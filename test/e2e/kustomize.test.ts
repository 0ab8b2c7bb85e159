import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { createTemporaryFolder, type TemporaryFolder } from '../control-plane/temporary-folder.ts';
import { sidecarImage, webhookImage } from '../node/images.ts';
import type { ClusterNode } from '../node/node.ts';
import { expectEventually } from '../product/expect-eventually.ts';
import { readTrust } from '../product/webhook-trust.ts';
import { createDeployment, syncedContents, untilDeployed } from './deployments.ts';
import { restartRollout, untilRolledOut, webhookPods } from './installation.ts';
import { objectsOfOurName } from './leftover-objects.ts';
import { startBareNode } from './own-node.ts';
import { restartCounts } from './pods.ts';
import { replaceUnderStream } from './streamed-replacement.ts';
import { duration, tell, tellDuration } from './tell.ts';
import { useNode } from './use-node.ts';
import { webhookDeploymentName, webhookNamespace } from './webhook-pods.ts';

let node: ClusterNode;
let overlay: TemporaryFolder;

// Of its own, for the webhook that is beside the shared one answers for all its namespaces.
useNode(async () => (node = await startBareNode()));
beforeAll(async () => {
  overlay = await createTemporaryFolder('sync-sidecar-overlay-');
  await writeFile(join(overlay.path, 'kustomization.yaml'), JSON.stringify(kustomization(overlay.path)));
});
// They are undefined where they did not start.
afterAll(() => (node as ClusterNode | undefined)?.stop());
afterAll(() => (overlay as TemporaryFolder | undefined)?.remove());

function kustomization(folder: string): object {
  const base = relative(folder, join(import.meta.dirname, '../../manifests/base'));
  // As OpenShift chooses them: a user that no image knows, of the group 0.
  const securityContext = { runAsUser: 1000650000, runAsGroup: 0 };
  const containers = [{ name: 'webhook', image: webhookImage, env: [{ name: 'SIDECAR_IMAGE', value: sidecarImage }] }];
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: webhookDeploymentName, namespace: webhookNamespace },
    spec: { template: { spec: { securityContext, containers } } },
  };
  return { resources: [base], patches: [{ patch: JSON.stringify(deployment) }] };
}

describe('manifests/base, below an overlay', () => {
  let first: string;

  it('is applied, and the first Deployment that asks has its sidecars within a minute', async () => {
    const startedAt = performance.now();

    await tellDuration('kubectl apply -k', () => node.kubectlOutput(['apply', '--kustomize', overlay.path]));
    await untilRolledOut();
    first = await createDeployment();
    await untilDeployed(first, startedAt + 60_000 - performance.now());

    tell(`from kubectl apply -k until the first Deployment was ready: ${duration(performance.now() - startedAt)}`);
    expect(await syncedContents(first)).toEqual(['hello', 'hello']);
  }, 150_000);

  it('is applied again, and the CA stays as it is', async () => {
    const before = await readTrust(node);

    await node.kubectlOutput(['apply', '--kustomize', overlay.path]);

    expect(await readTrust(node)).toEqual(before);
  });

  it('has its pods replaced under a stream of pods, of which none is refused and none comes without the sidecar', async () => {
    const streamed = await replaceUnderStream({ by: 'kubectl rollout restart', replace: restartRollout });

    expect(streamed.failures).toEqual([]);
    expect(streamed.injected).toBeGreaterThanOrEqual(200);
    expect(streamed.perSecond).toBeGreaterThanOrEqual(5);
    expect(await webhookPods()).toHaveLength(2);
  }, 300_000);

  it('is deleted: pods are created, and nothing of it is left', async () => {
    await tellDuration('kubectl delete -k', () => node.kubectlOutput(['delete', '--kustomize', overlay.path]));

    await node.kubectlOutput(['delete', 'pods', '--all', '--namespace', first]);
    const pods = await untilDeployed(first);
    expect(pods.map(restartCounts)).toEqual([{ app: 0 }, { app: 0 }]);
    await expectEventually(objectsOfOurName, [], 60_000);
  }, 150_000);
});
