/** `npm run demo`: shows the main job on a real control plane, or a real node; exits 0 if every promise was seen to hold. */
import { setTimeout } from 'node:timers/promises';
import { printProgress } from '../test/control-plane/progress.ts';
import { tidyUp } from '../test/node/leftovers.ts';
import { requireNode } from '../test/node/requirements.ts';
import { readArguments, type DemoArguments } from './demo/arguments.ts';
import { narrateTo } from './demo/narrator.ts';
import { nodeStage } from './demo/node-stage.ts';
import { openProcessStage } from './demo/process-stage.ts';
import { runDemo } from './demo/run-demo.ts';
import { buildPrograms } from './build-programs.ts';
import { PlainError } from './plain-error.ts';
import { printAnswer } from './read-options.ts';

const read = readArguments(process.argv.slice(2));
process.exitCode = 'keep' in read ? await demonstrate(read) : printAnswer(read);

async function demonstrate({ node, install, ...choice }: DemoArguments): Promise<number> {
  const interrupted = new AbortController();
  const { signal } = interrupted;
  // npm passes on the signal that the terminal has sent already, so a second one means nothing more than the first.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interrupted.abort());
  const { onProgress, end } = printProgress(process.stderr, Date.now);
  try {
    // What starts the node builds them, with the images.
    await (node ? prepareForNode(signal) : buildPrograms());
    const { broken, unseen } = await runDemo({
      ...choice,
      openStage: node ? nodeStage({ install }) : openProcessStage,
      env: process.env,
      narrator: narrateTo(process.stdout),
      onProgress,
      endProgress: end,
      // Node counts from the start of the program.
      elapsedMs: () => performance.now(),
      signal,
    });
    return broken.length + unseen.length > 0 ? 1 : 0;
  } catch (error) {
    end();
    // As a shell reports a program that Ctrl-C ended.
    if (signal.aborted) return 130;
    console.error(error instanceof PlainError ? error.message : error);
    return 1;
  } finally {
    // Node gives up its handlers as it exits, and would die of npm's copy of the signal, which comes within a millisecond.
    if (signal.aborted) await setTimeout(50);
  }
}

async function prepareForNode(signal: AbortSignal): Promise<void> {
  const { env, platform, getuid } = process;
  await requireNode({ platform, uid: getuid?.(), env, signal });
  await tidyUp({ now: Date.now(), uid: getuid?.() }, (line) => console.log(line));
}
