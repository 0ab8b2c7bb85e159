import { destination } from 'pino';
import { createLogger, type Logger } from './log.ts';
import { environmentNaming } from './settings/naming.ts';
import { printRedacted } from './settings/print-settings.ts';
import { countProblems, describeProblem, type Problem } from './settings/problem.ts';
import { readSettings, type Settings } from './settings/read-settings.ts';
import type { Setting, SettingsTable } from './settings/setting.ts';

/** The parts of `process` that a program may use; its `main.ts` passes them on. */
export interface ProcessAccess {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onSignal: (signal: 'SIGTERM' | 'SIGINT', listener: () => void) => unknown;
}

/** What a program runs with. */
export interface Surroundings {
  readonly environment: ProcessAccess['env'];
  /** Where a pod finds the files of its ServiceAccount. */
  readonly inClusterDirectory: string;
  readonly log: Logger;
  readonly now: () => number;
  readonly random: () => number;
  /** Aborted by SIGTERM and SIGINT. */
  readonly signal: AbortSignal;
}

/** The table of a program: LOG_LEVEL is needed before anything else can be said. */
type ProgramTable = SettingsTable & { readonly process: { readonly LOG_LEVEL: Setting<string> } };

/**
 * Runs a program with the settings of its environment until it ends by itself or by a signal. Answers the exit code: 0 for an end in
 * order, 1 for settings that are not accepted and for everything that `run` rejects with, which is logged.
 */
export async function runProgram<T extends ProgramTable>(
  table: T,
  { env, onSignal }: ProcessAccess,
  run: (settings: Settings<T>, surroundings: Surroundings) => Promise<void>,
): Promise<0 | 1> {
  const { settings, problems, warnings } = readSettings(table, [{ naming: environmentNaming, entries: env }]);
  const level = (settings?.process as { LOG_LEVEL: string } | undefined)?.LOG_LEVEL ?? 'INFO';
  const log = createLogger(level, destination({ dest: 2, sync: true }));
  for (const warning of warnings) log.warn(describeProblem(warning));
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    onSignal(signal, () => stop.abort(new Error(`ended by ${signal}`)));
  }
  try {
    if (!settings) throw new SettingsError(problems);
    log.info({ settings: printRedacted(table, settings) }, 'settings, where they are not the defaults');
    const inClusterDirectory = '/var/run/secrets/kubernetes.io/serviceaccount';
    const clocks = { now: Date.now, random: Math.random };
    await run(settings, { environment: env, inClusterDirectory, log, ...clocks, signal: stop.signal });
    return 0;
  } catch (error) {
    // A person's mistake has no stack worth reading.
    const fields = error instanceof SettingsError ? { problems: error.problems } : { err: error };
    log.fatal(fields, error instanceof Error ? error.message : String(error));
    return 1;
  }
}

/** The settings are not accepted; every problem is a line for a person. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly problems: readonly string[];

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(countProblems(problems), options);
    this.problems = problems.map(describeProblem);
  }
}
