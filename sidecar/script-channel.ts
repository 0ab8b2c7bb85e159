import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import type { Channel } from './notifier.ts';

export interface ScriptOptions {
  readonly path: string;
  readonly timeoutMs: number;
  /** The environment that the script gets. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

// Enough to see what went wrong, too little to flood a log.
const stderrLimit = 4096;
// What a script wrote before its end is in the pipe and read at once.
const pipeGraceMs = 100;

/** Runs SCRIPT: as it is if it is executable, else with `sh`. Fails on a status other than 0 and after the time limit. */
export function scriptChannel(options: ScriptOptions): Channel {
  return { name: 'SCRIPT', deliver: (signal) => run(options, signal) };
}

function run({ path, timeoutMs, environment }: ScriptOptions, signal: AbortSignal): Promise<void> {
  const [command, args] = isExecutable(path) ? [path, []] : ['sh', [path]];
  // Not spawn's own time limit: its timer would outlive a script that can't be started, and keep the process from ending.
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = spawn(command, args, {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
    killSignal: 'SIGKILL',
    signal: limit,
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(0, stderrLimit);
  });
  const fail = (end: string, cause?: unknown): void =>
    reject(new Error(`${path} ${end}: ${stderr.trim() || 'nothing on stderr'}`, { cause }));
  child.on('error', (cause) => {
    if (!limit.aborted) fail('could not be run', cause);
    else fail(signal.aborted ? 'was killed, as the sidecar ends' : `was killed after ${timeoutMs / 1000} s`, cause);
  });
  child.on('exit', (code, killedBy) => {
    if (code === 0) resolve();
    child.on('close', () => fail(`ended with ${killedBy ?? `status ${code}`}`));
    // Something that the script left running may hold the pipe open for ever; without this it would never be closed.
    setTimeout(() => child.stderr.destroy(), pipeGraceMs);
  });
  return promise;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
