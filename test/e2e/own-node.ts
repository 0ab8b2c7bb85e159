import { sidecarImage } from '../node/images.ts';
import { startNode, type ClusterNode } from '../node/node.ts';
import { startWebhookOnNode } from '../product/webhook-on-node.ts';
import { readSharedNode } from './node.ts';

/** Starts a node, with the webhook beside it, that the tests of one file may disturb; they stop it. */
export async function startOwnNode(): Promise<ClusterNode> {
  const { prepared } = await readSharedNode();
  const node = await startNode({ ...prepared, signal: new AbortController().signal });
  const env = { SIDECAR_IMAGE: sidecarImage };
  const webhook = await startWebhookOnNode(node, { folder: node.folder, env }).catch(async (error: unknown) => {
    await node.stop();
    throw error;
  });
  const stop = async (): Promise<void> => {
    await webhook.stop();
    await node.stop();
  };
  return { ...node, stop };
}
