import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../eventually.ts';
import type { ClusterNode } from '../node/node.ts';
import { streamPods } from '../product/pod-stream.ts';
import type { RunningPod } from '../product/running-pod.ts';
import { startBareNode } from './own-node.ts';
import { useNode } from './use-node.ts';
import { installedManifests, webhookDeploymentName, webhookNamespace } from './webhook-pods.ts';

let node: ClusterNode;

// Of its own, for the webhook that is beside the shared one answers for all its namespaces.
useNode(async () => (node = await startBareNode()));
// It is undefined where it did not start.
afterAll(() => (node as ClusterNode | undefined)?.stop());

const deployment = [`deployment/${webhookDeploymentName}`, '--namespace', webhookNamespace];

async function untilRolledOut(): Promise<void> {
  await node.kubectlOutput(['rollout', 'status', ...deployment, '--timeout=120s']);
}

/** Of the webhook's pods, those that end included. */
async function uids(): Promise<string[]> {
  const { items } = await node.get<{ items: RunningPod[] }>('pods', '--namespace', webhookNamespace);
  return items.map(({ metadata }) => metadata.uid);
}

describe('two pods of the webhook, to which the API server comes by their Service,', () => {
  beforeAll(async () => {
    await node.apply(await installedManifests());
    await untilRolledOut();
  }, 150_000);

  it('are replaced under a stream of pods, of which none is refused and none comes without the sidecar', async () => {
    const old = await uids();
    expect(old).toHaveLength(2);
    await using stream = streamPods(node, await node.createNamespace('stream'), { stored: true });
    await eventually(() => stream.result.injected > 10, { timeoutMs: 20_000 });

    await node.kubectlOutput(['rollout', 'restart', ...deployment]);
    await untilRolledOut();
    // Those that end are there as long as they answer.
    await eventually(async () => (await uids()).every((uid) => !old.includes(uid)), { timeoutMs: 60_000 });
    const { injected } = stream.result;
    await eventually(() => stream.result.injected > injected + 10, { timeoutMs: 20_000 });

    expect((await stream.stop()).failures).toEqual([]);
    expect(await uids()).toHaveLength(2);
  }, 300_000);
});
