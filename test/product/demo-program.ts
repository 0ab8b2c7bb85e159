import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  bareEnvironment,
  startProcess,
  type ExitStatus,
  type LeashedProcess,
} from '../control-plane/leashed-process.ts';

/** `npm run demo`, without npm. */
export interface DemoProgram {
  program: LeashedProcess;
  output: () => string;
  /** What the demo has for a temporary folder; its control plane's is within. */
  temporaryFolder: string;
  /** Ends it, if it has not ended, and removes the folder. */
  close(): Promise<void>;
}

export interface DemoProgramOptions {
  args: readonly string[];
  /** In place of this process's. */
  path?: string;
}

export async function startDemo({ args, path }: DemoProgramOptions): Promise<DemoProgram> {
  const lines: string[] = [];
  const temporaryFolder = await mkdtemp(join(tmpdir(), 'sync-sidecar-demo-'));
  const { KUBEBUILDER_ASSETS, XDG_CACHE_HOME } = process.env;
  const PATH = path ?? process.env.PATH;
  const program = await startProcess({
    command: process.execPath,
    args: [join(import.meta.dirname, '../../scripts/demo.ts'), ...args],
    env: {
      ...bareEnvironment(homedir()),
      ...(PATH && { PATH }),
      ...(KUBEBUILDER_ASSETS && { KUBEBUILDER_ASSETS }),
      ...(XDG_CACHE_HOME && { XDG_CACHE_HOME }),
      TMPDIR: temporaryFolder,
      // Nobody's cluster is touched: this one must not even be read.
      KUBECONFIG: join(temporaryFolder, 'not-there'),
    },
    onLine: (line) => lines.push(line),
  });
  const close = async (): Promise<void> => {
    await program.stop('SIGINT', 30_000);
    await rm(temporaryFolder, { recursive: true, force: true });
  };
  return { program, output: () => lines.join('\n'), temporaryFolder, close };
}

/** The end: which promises did not hold, or were not seen, and the closing line without its time. */
export function verdicts({ output }: DemoProgram): {
  broken: string[];
  unseen: string[];
  closingLine: string | undefined;
} {
  const lines = output().trimEnd().split('\n');
  const marked = (mark: string) => lines.filter((line) => line.startsWith(mark)).map((line) => line.slice(mark.length));
  return {
    broken: marked('✘ ').map((line) => line.replace(/:.*/, '')),
    unseen: marked('? ').map((line) => line.replace(/:.*/, '')),
    closingLine: lines.at(-1)?.replace(/ (\d+ min )?\d+ s\b/, ' … s'),
  };
}

/** As Ctrl-C reaches a program that npm runs: from the terminal, and within a millisecond once more from npm. */
export async function pressCtrlC({ program }: DemoProgram): Promise<ExitStatus> {
  const status = program.stop('SIGINT', 30_000);
  await setTimeout(1);
  await program.stop('SIGINT', 30_000);
  return status;
}
