import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { hasErrorCode } from '../../shared/system-error.ts';

export interface ScriptRun {
  readonly path: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  /** Ends it before. */
  readonly signal: AbortSignal;
  /** Sends a signal to a process group, given as a negative number; throws as `process.kill` does. */
  readonly kill: (pid: number, signal: NodeJS.Signals) => void;
}

/** What a script has printed, each shortened to 4 KiB. */
export interface ScriptOutput {
  readonly stdout: string;
  readonly stderr: string;
}

// Enough to see what went wrong, too little to flood a log.
const outputLimit = 4096;
// What a script wrote before its end is in the pipes and read at once.
const pipeGraceMs = 100;
// For a script to tidy up when it has to end. Short, as it comes on top of the time that the end of the sidecar may take.
const killGraceMs = 500;

/**
 * Runs a script: as it is if it is executable, else with `sh`. Rejects when it can't be run, ends with a status other than 0, or
 * has to be ended, at its time limit or by the signal; then everything in its process group ends with it.
 */
export async function runScript(run: ScriptRun): Promise<ScriptOutput> {
  const child = await start(run);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const [stdout, stderr] = [capture(child.stdout), capture(child.stderr)];
  const interruption = await interrupted(run, exited);
  if (interruption !== null) await endGroup(child, exited, run.kill);
  // What can't be killed, as it hangs in a call to the kernel, must not keep this process from ending.
  child.unref();
  await within(pipeGraceMs, closed);
  // Something that the script left running may hold them open for ever, and would keep this process from ending.
  for (const pipe of [child.stdout, child.stderr]) pipe?.destroy();
  if (interruption === null && child.exitCode === 0) return { stdout: stdout(), stderr: stderr() };
  const end = interruption ?? `ended with ${child.signalCode ?? `status ${child.exitCode}`}`;
  throw new Error(`${run.path} ${end}: ${stderr() || 'nothing on stderr'}`);
}

async function start({ path, environment }: ScriptRun): Promise<ChildProcess> {
  try {
    return await (isExecutable(path) ? startDirectly(path, environment) : startCommand('sh', [path], environment));
  } catch (cause) {
    const reason = hasErrorCode(cause, 'ENOENT') ? 'its interpreter does not exist' : (cause as Error).message;
    throw new Error(`${path} could not be run: ${reason}`, { cause });
  }
}

function isExecutable(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile()) throw new Error(found ? 'it is not a file' : 'there is no such file');
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What has no `#!` in its first line is for sh: some C libraries see to that themselves, musl does not. */
async function startDirectly(path: string, environment: ScriptRun['environment']): Promise<ChildProcess> {
  try {
    return await startCommand(path, [], environment);
  } catch (error) {
    if (!hasErrorCode(error, 'ENOEXEC')) throw error;
    return startCommand('sh', [path], environment);
  }
}

/** In a process group of its own, so that what it starts can be ended with it. */
async function startCommand(
  command: string,
  args: readonly string[],
  env: ScriptRun['environment'],
): Promise<ChildProcess> {
  const child = spawn(command, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  await once(child, 'spawn');
  return child;
}

/** Keeps the beginning of what is printed, and reads the rest, so that the script isn't held up by a full pipe. */
function capture(stream: Readable | null): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream?.on('data', (chunk: Buffer) => {
    if (size < outputLimit) chunks.push(chunk.subarray(0, outputLimit - size));
    size += chunk.length;
  });
  // `stream` leaves out a character that was cut in two.
  return () =>
    new TextDecoder().decode(Buffer.concat(chunks), { stream: true }).trim() + (size > outputLimit ? '…' : '');
}

/** Waits for the script's end; answers null, or why it has to be ended now. */
async function interrupted({ signal, timeoutMs }: ScriptRun, exited: Promise<void>): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const timer = setTimeout(() => resolve(`was killed after ${timeoutMs / 1000} s`), timeoutMs);
  const stop = (): void => resolve('was killed, as the sidecar ends');
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  void exited.then(() => resolve(null));
  const reason = await promise;
  clearTimeout(timer);
  signal.removeEventListener('abort', stop);
  return reason;
}

/** What is in the script's group may tidy up until the script itself ends, or for a short time. */
async function endGroup({ pid }: ChildProcess, exited: Promise<void>, kill: ScriptRun['kill']): Promise<void> {
  const send = (signal: NodeJS.Signals): void => {
    try {
      if (pid !== undefined) kill(-pid, signal);
    } catch (error) {
      // Nobody is left, or nobody who runs as our user.
      if (!hasErrorCode(error, 'ESRCH', 'EPERM')) throw error;
    }
  };
  send('SIGTERM');
  await within(killGraceMs, exited);
  send('SIGKILL');
}

/** Waits for something, but not longer than this. */
async function within(ms: number, something: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([something, promise]);
  clearTimeout(timer);
}
