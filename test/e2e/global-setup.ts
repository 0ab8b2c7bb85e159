import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlainError } from '../../scripts/plain-error.ts';
import { printProgress, type OnProgress } from '../control-plane/progress.ts';
import { prometheusImage, webhookImage } from '../node/images.ts';
import { findOrBuildHelm } from '../packaging/packaging-programs.ts';
import { startProductNode, type ProductNode } from '../product/product-node.ts';
import { nodeVariable, type SharedNode } from './node.ts';

/** Finds or builds Helm and all that a node needs, and starts the node that all test files share, with the webhook beside it. */
export default async function globalSetup(): Promise<void> {
  const { onProgress, end } = printProgress(process.stderr, Date.now);
  try {
    process.env[nodeVariable] = await start(onProgress);
  } catch (error) {
    // Jest prints the stack where there is one; these messages are for a person, and complete.
    if (error instanceof PlainError) error.stack = error.message;
    throw error;
  } finally {
    end();
  }
}

/** Jest runs setup and teardown in one process, where this module exists once. */
let running: ProductNode | undefined;

/** Answers the file that says how to use the node. */
async function start(onProgress: OnProgress): Promise<string> {
  const { signal } = new AbortController();
  const images = [webhookImage, prometheusImage];
  await findOrBuildHelm({ env: process.env, onProgress, signal });
  // The step before has found or installed what builds images.
  running = await startProductNode({ env: process.env, images, install: false, onProgress, signal });
  // Functions are left out by JSON: what remains is the NodeConnection.
  const shared: SharedNode = { connection: running.node, prepared: running.prepared };
  const file = join(running.folder, 'node.json');
  await writeFile(file, JSON.stringify(shared), { mode: 0o600 });
  return file;
}

/** Stops what globalSetup has started; for global-teardown.ts. */
export async function stopNode(): Promise<void> {
  await running?.stop();
}
