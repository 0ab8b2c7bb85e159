import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';

export interface ProgramOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Its output goes straight to ours instead of being collected. */
  readonly live: boolean;
  /** Ends the program and all that it started. */
  readonly signal: AbortSignal;
  /** Receives what the program passes to `process.send`; without it there is no such channel. */
  readonly onMessage?: (message: unknown) => void;
}

export interface ProgramEnd {
  /** Why the program did not succeed; undefined after exit code 0. */
  readonly failure: string | undefined;
  /** stdout and stderr as they came; empty when live. */
  readonly output: string;
}

/** Longer than Jest and a control plane need to stop, shorter than what CI systems wait before they kill everything. */
const graceMs = 8_000;

/** Runs a program to its end; never rejects. */
export async function runProgram(command: readonly string[], options: ProgramOptions): Promise<ProgramEnd> {
  const { cwd, env, live, signal, onMessage } = options;
  const [file = '', ...args] = command;
  const stream = live ? 'inherit' : 'pipe';
  const child = spawn(file, args, {
    cwd,
    env,
    // A process group of its own, so that one kill reaches all that it started, after Ctrl-C as well as after `kill`.
    detached: true,
    stdio: ['ignore', stream, stream, ...(onMessage === undefined ? [] : ['ipc' as const])],
  });
  const chunks: string[] = [];
  for (const pipe of [child.stdout, child.stderr])
    pipe?.setEncoding('utf8').on('data', (text: string) => chunks.push(text));
  if (onMessage !== undefined) child.on('message', onMessage);

  let groupEnd: Promise<void> | undefined;
  const stop = () => {
    groupEnd = endGroup(child.pid);
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  const failure = await failureOf(child);
  signal.removeEventListener('abort', stop);
  await groupEnd;
  return { failure, output: chunks.join('') };
}

function failureOf(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`can't be started: ${error.message}`));
    // 'close' comes after the last output and the last message.
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`)));
  });
}

/** Asks all processes of the group to end, waits for it, and kills those that are left after the grace. */
async function endGroup(pid: number | undefined): Promise<void> {
  if (pid === undefined) return;
  const deadline = performance.now() + graceMs;
  let left = killGroup(pid, 'SIGTERM');
  while (left && performance.now() < deadline) {
    // Short for a person who pressed Ctrl-C; the system tells nobody when a group has ended.
    await setTimeout(50);
    left = killGroup(pid, 0);
  }
  if (left) killGroup(pid, 'SIGKILL');
}

/** Whether there was anyone in the group; signal 0 only asks. */
function killGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}
