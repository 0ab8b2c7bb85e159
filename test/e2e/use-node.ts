import { beforeAll } from '@jest/globals';
import type { NodeCluster } from '../node/node.ts';
import { connectNode } from './node.ts';

export let node: NodeCluster;

/** Gives every test of the file that calls it the shared node. */
export function useNode(): void {
  beforeAll(async () => {
    node = await connectNode();
  });
}
