import { destination, type DestinationStream } from 'pino';
import { correction, flagProblems, help, readCommandLine } from './command-line.ts';
import type { CommandLine, ProgramDescription } from './command-line.ts';
import { errorMessage } from './error-message.ts';
import { placesOf } from './log/log-error.ts';
import { createLogger, type Logger } from './log/log.ts';
import { levels } from './log/log-levels.ts';
import { openLog, type LogSettings } from './log/open-log.ts';
import type { ProcessAccess } from './process-access.ts';
import type { logSettings } from './settings/log-settings.ts';
import { environmentNaming, flagNaming } from './settings/naming.ts';
import { printRedacted } from './settings/print-settings.ts';
import { countProblems, describeProblem, problemLines, type Problem } from './settings/problem.ts';
import { readSettings, type Reading, type Settings } from './settings/read-settings.ts';
import type { SettingsTable } from './settings/setting.ts';
import { version } from './version.ts';

/** What a program runs with. */
export interface Surroundings {
  readonly environment: ProcessAccess['env'];
  readonly kill: (pid: number, signal: NodeJS.Signals) => void;
  /** Where a pod finds the files of its ServiceAccount. */
  readonly inClusterDirectory: string;
  readonly log: Logger;
  readonly now: () => number;
  readonly random: () => number;
  /** Aborted by SIGTERM and SIGINT. */
  readonly signal: AbortSignal;
}

/** 0: an end in order; 1: settings that are not accepted, or what the program could not do; 2: no usable command line or LOG_CONFIG. */
export type ExitCode = 0 | 1 | 2;

/** How to log is needed before anything else can be said. */
type ProgramTable = SettingsTable & { readonly process: typeof logSettings };
type Program<T extends ProgramTable> = ProgramDescription & { readonly table: T; readonly inspect?: Inspect<T> };
/** What is wrong with what the settings lead to, such as files: told together with what is wrong with the settings themselves. */
type Inspect<T extends ProgramTable> = (settings: Reading<T>['process']) => Promise<readonly Problem[]>;
type Run<T extends ProgramTable> = (settings: Settings<T>, surroundings: Surroundings) => Promise<void>;

/**
 * Runs a program with the settings of its command line and its environment until it ends by itself or by a signal; answers the exit
 * code. What `run` rejects with is logged.
 */
export async function runProgram<T extends ProgramTable>(
  program: Program<T>,
  access: ProcessAccess,
  run: Run<T>,
): Promise<ExitCode> {
  const commands = Object.keys(program.commands ?? {}).flatMap((usage) => usage.split(' ', 1));
  const commandLine = readCommandLine(access.argv, { operands: 0, commands });
  if (commandLine.wants !== 'run') return answer(program, commandLine, access);
  const environment = { naming: environmentNaming, entries: access.env };
  const flags = { naming: flagNaming, entries: commandLine.flags };
  // What is missing is named as the strongest source spells it: by a flag only to who uses some.
  const reading = readSettings(program.table, access.argv.length > 0 ? [flags, environment] : [environment]);
  const faults = flagProblems(reading.problems);
  if (faults.length > 0) return refuse(program, faults, access);
  return runWithSettings(program, reading, { access, run });
}

function answer(program: ProgramDescription, commandLine: Question, access: ProcessAccess): ExitCode {
  if (commandLine.wants === 'correction') return refuse(program, [commandLine.fault], access);
  access.print('stdout', commandLine.wants === 'help' ? help(program) : `${program.name} ${version}\n`);
  return 0;
}

function refuse(program: ProgramDescription, faults: readonly string[], access: ProcessAccess): ExitCode {
  access.print('stderr', correction(program, faults));
  return 2;
}

async function runWithSettings<T extends ProgramTable>(
  { table, inspect }: Program<T>,
  { settings, process, problems, warnings }: Reading<T>,
  { access, run }: { access: ProcessAccess; run: Run<T> },
): Promise<ExitCode> {
  let log = createLogger({ level: levels.INFO, zone: 'LOCAL', now: Date.now }, consoleStream('stderr'));
  const signal = endOf(access);
  signal.addEventListener('abort', () => log.info((signal.reason as Error).message));
  access.onUncaughtError((err) => log.fatal({ err, stack: placesOf(err) }, 'an error that nobody expected'));
  access.onWarning((err) => log.warn({ err }, 'a warning of Node'));
  try {
    if (settings) log = await openLog(settings.process as LogSettings, { console: consoleStream, now: Date.now });
    for (const warning of warnings) log.warn(describeProblem(warning));
    const found = (await inspect?.(process)) ?? [];
    if (!settings || found.length > 0) throw new SettingsError([...problems, ...found]);
    log.info({ settings: printRedacted(table, settings) }, 'settings, where they are not the defaults');
    await run(settings, { ...surroundingsOf(access), log, signal });
    return 0;
  } catch (error) {
    return tellFailure(error, log);
  }
}

function tellFailure(error: unknown, log: Logger): ExitCode {
  // A person's mistake has no stack worth reading.
  const fields = error instanceof SettingsError ? { problems: error.problems } : { err: error };
  log.fatal(fields, errorMessage(error));
  return error instanceof Error && 'exitCode' in error && error.exitCode === 2 ? 2 : 1;
}

type Question = Exclude<CommandLine, { wants: 'run' }>;

/** Written at once, so that nothing is lost when the process ends. */
function consoleStream(stream: 'stdout' | 'stderr'): DestinationStream {
  return destination({ dest: stream === 'stdout' ? 1 : 2, sync: true });
}

function endOf({ onSignal }: ProcessAccess): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    onSignal(signal, () => stop.abort(new Error(`ended by ${signal}`)));
  }
  return stop.signal;
}

function surroundingsOf({ env, kill }: ProcessAccess): Omit<Surroundings, 'log' | 'signal'> {
  return {
    environment: env,
    kill,
    inClusterDirectory: '/var/run/secrets/kubernetes.io/serviceaccount',
    now: Date.now,
    random: Math.random,
  };
}

/** The settings are not accepted; every problem is a line for a person. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly problems: readonly string[];

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(countProblems(problems), options);
    this.problems = problemLines(problems);
  }
}
