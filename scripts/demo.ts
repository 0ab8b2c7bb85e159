/** `npm run demo`: shows the main job on a real control plane; exits 0 if every promise was seen to hold. */
import { printProgress } from '../test/control-plane/progress.ts';
import { BinariesError } from '../test/control-plane/programs.ts';
import { readArguments } from './demo/arguments.ts';
import { narrateTo } from './demo/narrator.ts';
import { openProcessStage } from './demo/process-stage.ts';
import { runDemo, type DemoOptions } from './demo/run-demo.ts';
import { buildPrograms } from './build-programs.ts';

const read = readArguments(process.argv.slice(2));
process.exitCode = 'problem' in read ? refuse(read.problem) : await demonstrate(read);

function refuse(problem: string): number {
  console.error(problem);
  // As shells and their commands report wrong usage.
  return 2;
}

async function demonstrate(choice: Pick<DemoOptions, 'keep' | 'broken'>): Promise<number> {
  const interrupted = new AbortController();
  // npm passes on the signal that the terminal has sent already, so a second one means nothing more than the first.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort());
  const { onProgress, end } = printProgress(process.stderr, Date.now);
  try {
    await buildPrograms();
    const { broken, unseen } = await runDemo({
      ...choice,
      openStage: openProcessStage,
      env: process.env,
      narrator: narrateTo(process.stdout),
      onProgress,
      endProgress: end,
      // Node counts from the start of the program.
      elapsedMs: () => performance.now(),
      signal: interrupted.signal,
    });
    return broken.length + unseen.length > 0 ? 1 : 0;
  } catch (error) {
    end();
    // As a shell reports a program that Ctrl-C ended.
    if (interrupted.signal.aborted) return 130;
    console.error(error instanceof BinariesError ? error.message : error);
    return 1;
  }
}
