/** `npm run node`: starts a cluster of one node with our webhook, prints how to talk to it, and stops it at Ctrl-C. */
import { once } from 'node:events';
import { join } from 'node:path';
import { PlainError } from '../../scripts/plain-error.ts';
import { printAnswer } from '../../scripts/read-options.ts';
import { printProgress } from '../control-plane/progress.ts';
import { shellWord } from '../control-plane/shell-word.ts';
import { startProductNode } from '../product/product-node.ts';
import { readArguments, type NodeArguments } from './arguments.ts';
import { busyboxImage, sidecarImage } from './images.ts';
import { tidyUp } from './leftovers.ts';
import type { ClusterNode } from './node.ts';
import { requireNode } from './requirements.ts';

const read = readArguments(process.argv.slice(2));
process.exitCode = 'install' in read ? await runNode(read) : printAnswer(read);

async function runNode({ install }: NodeArguments): Promise<number> {
  const interrupted = new AbortController();
  const { signal } = interrupted;
  // npm passes on the signal that the terminal has sent already, so a second one means nothing more than the first.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interrupted.abort());
  const { onProgress, end } = printProgress(process.stderr, Date.now);
  try {
    const { platform, env, getuid } = process;
    await requireNode({ platform, uid: getuid?.(), env, signal });
    await tidyUp({ now: Date.now(), uid: getuid?.() }, (line) => console.error(line));
    const product = await startProductNode({ env, images: [], install, onProgress, signal });
    end();
    // The last steps of the start don't heed it.
    const cameUp = !signal.aborted;
    if (cameUp) {
      process.stdout.write(directions(product.node));
      await once(signal, 'abort');
    }
    await product.stop();
    return cameUp ? 0 : 130;
  } catch (error) {
    end();
    // As a shell reports a program that Ctrl-C ended.
    if (signal.aborted) return 130;
    console.error(error instanceof PlainError ? error.message : error);
    return 1;
  }
}

function directions({ kubeconfig, kubectlPath }: ClusterNode): string {
  const kubectl = `KUBECONFIG=${shellWord(kubeconfig)} ${shellWord(kubectlPath)}`;
  return [
    `${kubectl} get pods --all-namespaces`,
    `${kubectl} apply --filename ${shellWord(join(import.meta.dirname, 'example.yaml'))}`,
    `Pods can use the images ${busyboxImage} and ${sidecarImage}. Ctrl-C ends it.\n`,
  ].join('\n');
}
