/** `node test/control-plane/main.ts`: starts a control plane, prints how to talk to it, and stops it at Ctrl-C. */
import { once } from 'node:events';
import { PlainError } from '../../scripts/plain-error.ts';
import { findOrBuildBinaries } from './binaries.ts';
import { startControlPlane } from './control-plane.ts';
import { printProgress } from './progress.ts';
import { shellWord } from './shell-word.ts';

const interrupted = new AbortController();
// npm passes on the signal that the terminal has sent already, so a second one means nothing more than the first.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort());

const { onProgress, end } = printProgress(process.stderr, Date.now);
try {
  const { signal } = interrupted;
  const binaries = await findOrBuildBinaries({ env: process.env, onProgress, signal });
  const controlPlane = await startControlPlane({ binaries, onProgress, signal });
  end();
  const command = `KUBECONFIG=${shellWord(controlPlane.kubeconfig)} ${shellWord(binaries.kubectl)} get all --all-namespaces`;
  process.stdout.write(`${command}\nCtrl-C ends it.\n`);
  if (!signal.aborted) await once(signal, 'abort');
  await controlPlane.stop();
} catch (error) {
  end();
  if (!interrupted.signal.aborted) {
    process.stderr.write(`${error instanceof PlainError ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
