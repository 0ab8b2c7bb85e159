import { readFile } from 'node:fs/promises';
import { openNode, type NodeCluster, type NodeConnection } from '../node/node.ts';
import type { PreparedNode } from '../node/prepare-node.ts';

/** Names the file in which global-setup.ts leaves what it has made; Jest's workers inherit the environment. */
export const nodeVariable = 'SYNC_SIDECAR_TEST_NODE';

/** The one node that the test files share, and what a file needs to start one of its own. */
export interface SharedNode {
  connection: NodeConnection;
  prepared: PreparedNode;
}

export async function readSharedNode(): Promise<SharedNode> {
  const file = process.env[nodeVariable];
  if (file === undefined) throw new Error('no node: run this by `npm run e2e`');
  return JSON.parse(await readFile(file, 'utf8')) as SharedNode;
}

/** Connects a test file to the shared node. */
export async function connectNode(): Promise<NodeCluster> {
  return openNode((await readSharedNode()).connection);
}
