import { startNode, type ClusterNode } from '../node/node.ts';
import { startWebhookNode } from '../product/product-node.ts';
import { readSharedNode } from './node.ts';

/** Starts a node, with the webhook beside it, that the tests of one file may disturb; they stop it. */
export async function startOwnNode(): Promise<ClusterNode> {
  const { prepared } = await readSharedNode();
  const started = await startWebhookNode(prepared, { signal: new AbortController().signal });
  return { ...started.node, stop: () => started.stop() };
}

/** Starts a node without a webhook. */
export async function startBareNode(): Promise<ClusterNode> {
  const { prepared } = await readSharedNode();
  return startNode({ ...prepared, signal: new AbortController().signal });
}
