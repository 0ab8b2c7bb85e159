import { startProcess } from '../../test/control-plane/leashed-process.ts';
import type { OnProgress } from '../../test/control-plane/progress.ts';
import { PlainError } from '../plain-error.ts';
import type { Engine } from './engine.ts';

export interface EngineRun {
  /** What is being done, for who watches. */
  step: string;
  onProgress: OnProgress;
  /** An abort kills the engine. */
  signal: AbortSignal;
}

/**
 * Runs one of an engine's commands to its end; answers what it printed on stdout. A failure is a PlainError with its last words; an abort
 * throws the signal's reason.
 */
export async function runEngine(
  { env }: Pick<Engine, 'env'>,
  [command = '', ...args]: readonly string[],
  { step, onProgress, signal }: EngineRun,
): Promise<string> {
  signal.throwIfAborted();
  onProgress({ step });
  const printed: string[] = [];
  const lines: string[] = [];
  const run = await startProcess({
    command,
    args,
    env,
    signal,
    onLine: (line, stream) => {
      if (stream === 'stdout') printed.push(line);
      if (line.trim() === '') return;
      lines.push(line);
      onProgress({ step, detail: shortened(line.trim()) });
    },
  });
  const { code } = await run.exited;
  signal.throwIfAborted();
  // The cause stands in the last lines, and what it was about in those before.
  if (code !== 0) throw new PlainError(`${step} failed:\n${lines.slice(-20).join('\n')}`);
  return printed.join('\n');
}

/** A line of a terminal that is rewritten must not wrap; with the step before it, it has this much room. */
function shortened(line: string): string {
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
