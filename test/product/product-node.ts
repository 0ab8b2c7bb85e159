import type { OnProgress } from '../control-plane/progress.ts';
import { createTemporaryFolder } from '../control-plane/temporary-folder.ts';
import { sidecarImage } from '../node/images.ts';
import { startNode, type ClusterNode } from '../node/node.ts';
import { prepareNode, type PreparedNode } from '../node/prepare-node.ts';
import { startWebhookOnNode } from './webhook-on-node.ts';
import type { RegisteredWebhook } from './webhook-program.ts';

export interface WebhookNodeOptions {
  onProgress?: OnProgress;
  /** Milliseconds of any clock. */
  now?: () => number;
  /** An abort ends the start: all is stopped and the signal's reason thrown. */
  signal: AbortSignal;
}

export interface ProductNodeOptions extends WebhookNodeOptions {
  env: NodeJS.ProcessEnv;
  /** Names of the images that pods may use, besides the sidecar's and busybox. */
  images: readonly string[];
  /** What builds images may be installed where nothing does. */
  install: boolean;
  onProgress: OnProgress;
}

/** A cluster of one node with our webhook, whose sidecars are of our image. */
export interface WebhookNode {
  node: ClusterNode;
  /** How long the node took to be Ready. */
  nodeStartMs: number;
  webhook: RegisteredWebhook;
  stop(): Promise<void>;
}

/** The same with all that it was made from. */
export interface ProductNode extends WebhookNode {
  prepared: PreparedNode;
  /** Readable by us alone; goes with the rest. */
  folder: string;
}

/** Finds or builds all that it needs, programs and images of this checkout among them, and starts it. */
export async function startProductNode(options: ProductNodeOptions): Promise<ProductNode> {
  const stack = new AsyncDisposableStack();
  try {
    const temporary = await createTemporaryFolder('sync-sidecar-e2e-');
    stack.defer(() => temporary.remove());
    const folder = temporary.path;
    const prepared = await prepareNode({ ...options, folder, images: [sidecarImage, ...options.images] });
    const started = await startWebhookNode(prepared, options);
    stack.defer(() => started.stop());
    return { ...started, prepared, folder, stop: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** Starts a node, and the webhook beside it. */
export async function startWebhookNode(prepared: PreparedNode, options: WebhookNodeOptions): Promise<WebhookNode> {
  const { onProgress = () => undefined, signal, now = () => performance.now() } = options;
  const startedAt = now();
  const node = await startNode({ ...prepared, onProgress, signal });
  const nodeStartMs = now() - startedAt;
  onProgress({ step: 'starting the webhook' });
  const env = { SIDECAR_IMAGE: sidecarImage };
  const webhook = await startWebhookOnNode(node, { folder: node.folder, env }).catch(async (error: unknown) => {
    await node.stop();
    throw error;
  });
  const stop = async (): Promise<void> => {
    await webhook.stop();
    await node.stop();
  };
  return { node, nodeStartMs, webhook, stop };
}
