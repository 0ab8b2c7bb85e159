/** `npm run node`: starts a cluster of one node with our webhook, prints how to talk to it, and stops it at Ctrl-C. */
import { once } from 'node:events';
import { PlainError } from '../../scripts/plain-error.ts';
import { printProgress } from '../control-plane/progress.ts';
import { startProductNode } from '../product/product-node.ts';
import { tidyUp } from './leftovers.ts';
import { requireNode } from './requirements.ts';

const interrupted = new AbortController();
const { signal } = interrupted;
// npm passes on the signal that the terminal has sent already, so a second one means nothing more than the first.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interrupted.abort());

const { onProgress, end } = printProgress(process.stderr, Date.now);
try {
  const { platform, env, getuid } = process;
  await requireNode({ platform, uid: getuid?.(), env, signal });
  await tidyUp({ now: Date.now(), uid: getuid?.() }, (line) => console.error(line));
  const product = await startProductNode({ env, images: [], install: false, onProgress, signal });
  end();
  const { kubeconfig, kubectlPath } = product.node;
  process.stdout.write(`KUBECONFIG=${kubeconfig} ${kubectlPath} get pods --all-namespaces\nCtrl-C ends it.\n`);
  if (!signal.aborted) await once(signal, 'abort');
  await product.stop();
} catch (error) {
  end();
  if (!signal.aborted) {
    console.error(error instanceof PlainError ? error.message : error);
    process.exitCode = 1;
  }
}
