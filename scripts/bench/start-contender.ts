import { readFile } from 'node:fs/promises';
import { startProcess, type LeashedProcess, type ProcessOptions } from '../../test/control-plane/leashed-process.ts';
import { eventually } from '../../test/eventually.ts';

export interface StartOptions extends Pick<ProcessOptions, 'command' | 'args' | 'env'> {
  /** What it is called in the table. */
  readonly name: string;
  /** For what it says: who reads lines would take a core from what is measured. */
  readonly logFile: string;
  readonly isReady: () => Promise<boolean> | boolean;
  /** Between two looks. */
  readonly pauseMs: number;
  readonly signal: AbortSignal;
}

export interface Started {
  readonly process: LeashedProcess;
  /** `performance.now()` when it was; rejects with its log when it has ended before. */
  readonly ready: Promise<number>;
}

/** Starts a program that takes part, and looks for the moment at which it is ready. */
export async function startContender({ name, isReady, pauseMs, ...options }: StartOptions): Promise<Started> {
  const process = await startProcess(options);
  const ended = new AbortController();
  void process.exited.then(() => ended.abort());
  const until = { intervalMs: pauseMs, signal: AbortSignal.any([options.signal, ended.signal]) };
  const becoming = eventually(isReady, { timeoutMs: 120_000, ...until }).then(() => performance.now());
  const ready = becoming.catch((cause: unknown) => {
    if (ended.signal.aborted) return tooEarly(name, process, options.logFile);
    throw cause;
  });
  // Who does not wait for it must not fail of it.
  ready.catch(() => undefined);
  return { process, ready };
}

async function tooEarly(name: string, process: LeashedProcess, logFile: string): Promise<never> {
  const { code, signal } = await process.exited;
  const log = await readFile(logFile, 'utf8').catch(() => '');
  throw new Error(`${name} ended (${signal ?? `status ${code}`}) before it was ready: ${log.slice(-2000)}`);
}
