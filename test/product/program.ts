import { chmod, copyFile, mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lazyChunks, type programs } from '../../scripts/programs.ts';
import {
  bareEnvironment,
  startProcess,
  type ExitStatus,
  type LeashedProcess,
  type Namespaces,
} from '../control-plane/leashed-process.ts';

/** One of our programs, running as a process of this machine. */
export interface Program extends LeashedProcess {
  /** Everything that it logged so far. */
  log(): string;
  /** Stops it as if the machine had no time for it. */
  pause(): void;
  resume(): void;
}

export type ProgramName = keyof typeof programs;

const dist = join(import.meta.dirname, '../../dist');

export interface ProgramOptions {
  name: ProgramName;
  env: Readonly<Record<string, string>>;
  /** A folder of its caller's, outside of the repository: the program is copied there. */
  home: string;
  /** On its command line. */
  flags?: readonly string[];
  /** A command that ends with `exec` of the arguments behind these. */
  wrap?: readonly string[];
  /** Node's path, as the wrapping command leaves it. */
  node?: string;
  namespaces?: Namespaces;
}

/** How Node is to be run for a program: what its image says too (docs/decisions/0005-v8-flags.md). */
export interface Runtime {
  readonly env: Readonly<Record<string, string>>;
  /** For Node, before the program. */
  readonly flags: readonly string[];
}

/** The runtime of a program, as the build left it. */
export async function readRuntime(name: ProgramName): Promise<Runtime> {
  return JSON.parse(await readFile(join(dist, `${name}.runtime.json`), 'utf8')) as Runtime;
}

/** Copies the bundle of a program (`npm run build` makes it) to where neither sources nor node_modules are above it. */
export async function copyProgram(name: ProgramName, folder: string): Promise<string> {
  const bundles = [name, ...Object.keys(lazyChunks)].map((bundle) => `${bundle}.cjs`);
  for (const bundle of bundles) await copyFile(join(dist, bundle), join(folder, bundle));
  return join(folder, `${name}.cjs`);
}

/**
 * Starts the bundle of a program with nothing in its environment but what is given and what its runtime says, and
 * nothing but Node beside it.
 */
export async function startProgram({
  name,
  env,
  home,
  flags = [],
  wrap = [],
  node = process.execPath,
  namespaces,
}: ProgramOptions): Promise<Program> {
  const lines: string[] = [];
  const folder = await mkdtemp(join(home, `${name}-`));
  // Whoever it will run as.
  await chmod(folder, 0o755);
  const program = await copyProgram(name, folder);
  const runtime = await readRuntime(name);
  const [command = node, ...args] = [...wrap, node, ...runtime.flags, program, ...flags];
  const started = await startProcess({
    command,
    args,
    env: { ...bareEnvironment(home), ...runtime.env, ...env },
    onLine: (line) => lines.push(line),
    ...(namespaces && { namespaces }),
  });
  const signal = (name: NodeJS.Signals): void => void process.kill(started.pid, name);
  return {
    ...started,
    log: () => lines.join('\n'),
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
  };
}

/** Waits for a condition of a program, and says with its log when it has ended before. */
export async function whileRunning<T>(program: Program, condition: Promise<T>): Promise<T> {
  const ended = program.exited.then((status) => {
    throw new Error(`the program ${describeExit(status)} too early; it said:\n${program.log()}`);
  });
  return Promise.race([condition, ended]);
}

function describeExit({ code, signal }: ExitStatus): string {
  return signal === null ? `ended with status ${code}` : `was ended by ${signal}`;
}
