/** `npm run control-plane`: starts a control plane, prints how to talk to it, and stops it at Ctrl-C. */
import { once } from 'node:events';
import { PlainError } from '../../scripts/plain-error.ts';
import { printAnswer, readOptions } from '../../scripts/read-options.ts';
import { findOrBuildBinaries } from './binaries.ts';
import { startControlPlane } from './control-plane.ts';
import { printProgress } from './progress.ts';
import { shellWord } from './shell-word.ts';

const usage = `usage: npm run control-plane
  starts a control plane, prints how to talk to it, and stops it at Ctrl-C`;
const read = readOptions(process.argv.slice(2), { options: {}, usage }, () => 'run' as const);
process.exitCode = read === 'run' ? await runControlPlane() : printAnswer(read);

async function runControlPlane(): Promise<number> {
  const interrupted = new AbortController();
  const { signal } = interrupted;
  // npm passes on the signal that the terminal has sent already, so a second one means nothing more than the first.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interrupted.abort());
  const { onProgress, end } = printProgress(process.stderr, Date.now);
  try {
    const binaries = await findOrBuildBinaries({ env: process.env, onProgress, signal });
    const controlPlane = await startControlPlane({ binaries, onProgress, signal });
    end();
    const command = `KUBECONFIG=${shellWord(controlPlane.kubeconfig)} ${shellWord(binaries.kubectl)} get all --all-namespaces`;
    process.stdout.write(`${command}\nCtrl-C ends it.\n`);
    if (!signal.aborted) await once(signal, 'abort');
    await controlPlane.stop();
    return 0;
  } catch (error) {
    end();
    // As a shell reports a program that Ctrl-C ended.
    if (signal.aborted) return 130;
    console.error(error instanceof PlainError ? error.message : String(error));
    return 1;
  }
}
