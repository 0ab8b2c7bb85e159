import { beforeAll } from '@jest/globals';
import type { NodeCluster } from '../node/node.ts';
import { connectNode } from './node.ts';

export let node: NodeCluster;

// For a node that has yet to start, on a machine that is ten times slower than ours.
const connectTimeoutMs = 120_000;

/** Gives every test of the file that calls it the shared node, or another one. */
export function useNode(connect: () => Promise<NodeCluster> = connectNode): void {
  beforeAll(async () => {
    node = await connect();
  }, connectTimeoutMs);
}
