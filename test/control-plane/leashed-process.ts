import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export interface Command {
  /** An absolute path, or a name to be found in the PATH of `env`. */
  command: string;
  args: readonly string[];
  /** The whole environment: nothing is inherited. */
  env: NodeJS.ProcessEnv;
  cwd?: string;
  /** What it runs in; needs nsenter, and root. */
  namespaces?: Namespaces;
  /** An abort kills the command. */
  signal?: AbortSignal;
}

/** Paths of namespaces, such as /proc/PID/ns/net; those left out are the caller's. */
export interface Namespaces {
  network: string;
  mount?: string;
  pid?: string;
}

/** An environment in which nothing of the caller's (proxies, KUBECONFIG, GODEBUG) changes what a program does. */
export function bareEnvironment(home: string): NodeJS.ProcessEnv {
  return { HOME: home, PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };
}

/** Where stdout and stderr go: into a file (appended), else line by line to a callback, else nowhere. */
export interface ProcessOptions extends Command {
  logFile?: string;
  onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
}

/** As Node's 'exit' event has it: one of the two is null. */
export interface ExitStatus {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface LeashedProcess {
  /** The pid of the command itself, which is also the id of its process group. */
  pid: number;
  /** Resolves when the command has ended and its output has been read. Never rejects. */
  exited: Promise<ExitStatus>;
  /**
   * Sends `signal` (SIGTERM) to the command; what is left of its group after `graceMs` (10 s) is killed. SIGINT only to a command that
   * has shown that it runs: dash catches it, and one that comes just before the shell's `exec` is lost.
   */
  stop(signal?: NodeJS.Signals, graceMs?: number): Promise<ExitStatus>;
  /** Kills the command and everything in its process group. */
  kill(): Promise<ExitStatus>;
}

/**
 * Starts a command that ends with this program, also when this program is killed (see leash.sh). It has a session of its own, so
 * Ctrl-C in a terminal reaches this program alone, which then stops things in its own order. A command that can't be found ends
 * with code 127, as in a shell.
 */
export async function startProcess({ logFile, onLine, ...command }: ProcessOptions): Promise<LeashedProcess> {
  const log = logFile === undefined ? undefined : await open(logFile, 'a');
  try {
    const output = log?.fd ?? (onLine ? 'pipe' : 'ignore');
    const { child, kill } = await spawnLeashed(command, ['ignore', output, output]);
    if (onLine) forwardLines(child, onLine);
    return leashed(child, kill);
  } finally {
    await log?.close();
  }
}

export interface CommandResult extends ExitStatus {
  stdout: string;
  stderr: string;
}

/** Runs a leashed command to its end, `input` on its stdin. A failure is a result; an abort throws the signal's reason. */
export async function runCommand(command: Command, input = ''): Promise<CommandResult> {
  command.signal?.throwIfAborted();
  const { child, kill } = await spawnLeashed(command, ['pipe', 'pipe', 'pipe']);
  const { exited } = leashed(child, kill);
  writeInput(child, input);
  const [stdout, stderr, status] = await Promise.all([read(child.stdout), read(child.stderr), exited]);
  command.signal?.throwIfAborted();
  return { ...status, stdout, stderr };
}

/** `kill` lets go of the leash, which kills the whole process group; it may be called at any time, any number of times. */
async function spawnLeashed(
  { command, args, env, cwd, namespaces, signal }: Command,
  stdio: StdioOptions & unknown[],
): Promise<{ child: ChildProcess; kill: () => void }> {
  const child = spawn('/bin/sh', [leashScript, ...entering(namespaces), command, ...args], {
    env,
    cwd,
    detached: true,
    stdio: [...stdio, 'pipe'] as StdioOptions,
  });
  await once(child, 'spawn');
  const leash = child.stdio[3] as Writable;
  const kill = () => void leash.destroy();
  // What the command has left behind in its group goes with it.
  child.once('exit', kill);
  signal?.addEventListener('abort', kill);
  child.once('exit', () => signal?.removeEventListener('abort', kill));
  if (signal?.aborted) kill();
  return { child, kill };
}

/** A program that enters a pid namespace is nsenter's child: signals reach nsenter alone, but the leash reaches both. */
function entering(namespaces: Namespaces | undefined): string[] {
  if (!namespaces) return [];
  const { network, mount, pid } = namespaces;
  return [
    'nsenter',
    `--net=${network}`,
    ...(mount ? [`--mount=${mount}`] : []),
    ...(pid ? [`--pid=${pid}`] : []),
    '--',
  ];
}

const leashScript = fileURLToPath(new URL('leash.sh', import.meta.url));

function leashed(child: ChildProcess, kill: () => void): LeashedProcess {
  const exited = new Promise<ExitStatus>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  return {
    pid: child.pid ?? NaN,
    exited,
    kill: () => {
      kill();
      return exited;
    },
    stop: async (signal = 'SIGTERM', graceMs = 10_000) => {
      child.kill(signal);
      const timer = setTimeout(kill, graceMs);
      return exited.finally(() => clearTimeout(timer));
    },
  };
}

function forwardLines(child: ChildProcess, onLine: NonNullable<ProcessOptions['onLine']>): void {
  for (const stream of ['stdout', 'stderr'] as const) {
    const input = child[stream];
    if (input) createInterface({ input }).on('line', (line) => onLine(line, stream));
  }
}

function writeInput(child: ChildProcess, input: string): void {
  // A command that ends without reading its input (EPIPE) tells why by its exit status.
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
}

async function read(stream: Readable | null): Promise<string> {
  return stream ? text(stream) : '';
}
