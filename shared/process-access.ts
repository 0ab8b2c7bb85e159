/** The parts of `process` that a program may use; its `main.ts` passes them on. */
export interface ProcessAccess {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The arguments alone, without interpreter and program. */
  readonly argv: readonly string[];
  readonly onSignal: (signal: 'SIGTERM' | 'SIGINT', listener: () => void) => unknown;
  /** Tells of an error that nobody caught; the process ends with exit code 1 afterwards. */
  readonly onUncaughtError: (listener: (error: unknown) => void) => unknown;
  /** Tells of what Node warns of, in place of Node's own text on stderr. */
  readonly onWarning: (listener: (warning: Error) => void) => unknown;
  /** Sends a signal to a process, or to a process group by its negated id; throws as `process.kill` does. */
  readonly kill: (pid: number, signal: NodeJS.Signals) => unknown;
  readonly print: (stream: 'stdout' | 'stderr', text: string) => unknown;
}

/** What a program may use of its process. */
export function processAccess(process: NodeJS.Process): ProcessAccess {
  return {
    env: process.env,
    argv: process.argv.slice(2),
    onSignal: (signal, listener) => process.once(signal, listener),
    onUncaughtError: (listener) =>
      process.once('uncaughtException', (error) => {
        listener(error);
        process.exit(1);
      }),
    onWarning: (listener) => process.removeAllListeners('warning').on('warning', listener),
    kill: (pid, signal) => process.kill(pid, signal),
    print: (stream, text) => process[stream].write(text),
  };
}
