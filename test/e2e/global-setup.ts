import { writeFile } from 'node:fs/promises';
import { PlainError } from '../../scripts/plain-error.ts';
import { BinariesError } from '../control-plane/programs.ts';
import { printProgress, type OnProgress } from '../control-plane/progress.ts';
import { createTemporaryFolder } from '../control-plane/temporary-folder.ts';
import { prometheusImage, sidecarImage, webhookImage } from '../node/images.ts';
import { startNode } from '../node/node.ts';
import { prepareNode } from '../node/prepare-node.ts';
import { startWebhookOnNode } from '../product/webhook-on-node.ts';
import { nodeVariable, type SharedNode } from './node.ts';

/** Jest runs setup and teardown in one process, where this module exists once. What is deferred last ends first. */
const running = new AsyncDisposableStack();

/** Finds or builds all that a node needs and starts the node that all test files share, with the webhook beside it. */
export default async function globalSetup(): Promise<void> {
  const { onProgress, end } = printProgress(process.stderr, Date.now);
  try {
    process.env[nodeVariable] = await start(onProgress);
  } catch (error) {
    await running.disposeAsync();
    // Jest prints the stack where there is one; these messages are for a person, and complete.
    if (error instanceof BinariesError || error instanceof PlainError) error.stack = error.message;
    throw error;
  } finally {
    end();
  }
}

/** Answers the file that says how to use it. */
async function start(onProgress: OnProgress): Promise<string> {
  const { signal } = new AbortController();
  const folder = await createTemporaryFolder('sync-sidecar-e2e-');
  running.defer(() => folder.remove());
  const images = [sidecarImage, webhookImage, prometheusImage];
  const prepared = await prepareNode({ env: process.env, folder: folder.path, images, onProgress, signal });
  const node = await startNode({ ...prepared, onProgress, signal });
  running.defer(() => node.stop());
  onProgress({ step: 'starting the webhook' });
  const webhook = await startWebhookOnNode(node, { folder: folder.path, env: { SIDECAR_IMAGE: sidecarImage } });
  running.defer(() => webhook.stop());
  // Functions are left out by JSON: what remains is the NodeConnection.
  const shared: SharedNode = { connection: node, prepared };
  const file = `${folder.path}/node.json`;
  await writeFile(file, JSON.stringify(shared), { mode: 0o600 });
  return file;
}

/** Ends what globalSetup has started; for global-teardown.ts. */
export async function stopNode(): Promise<void> {
  await running.disposeAsync();
}
