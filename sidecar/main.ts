import { destination } from 'pino';
import { createLogger } from '../shared/log.ts';
import { environmentNaming } from '../shared/settings/naming.ts';
import { printRedacted } from '../shared/settings/print-settings.ts';
import { describeProblem, describeProblems } from '../shared/settings/problem.ts';
import { readSettings } from '../shared/settings/read-settings.ts';
import { sidecarSettings } from '../shared/settings/sidecar-settings.ts';
import { runSidecar } from './sidecar.ts';

void main().then((exitCode) => (process.exitCode = exitCode));

/**
 * Runs the sidecar; answers the exit code: 0 when METHOD=LIST is done or a signal has ended another METHOD, 1 for everything else,
 * also for a list that a signal cut short: an init container must not count as done then.
 */
async function main(): Promise<number> {
  const { settings, problems, warnings } = readSettings(sidecarSettings, [
    { naming: environmentNaming, entries: process.env },
  ]);
  const log = createLogger(settings?.process.LOG_LEVEL ?? 'INFO', destination({ dest: 2, sync: true }));
  for (const warning of warnings) log.warn(describeProblem(warning));
  if (!settings) {
    log.fatal(describeProblems(problems));
    return 1;
  }
  log.info({ settings: printRedacted(sidecarSettings, settings) }, 'Starting collector');
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => stop.abort(new Error(`ended by ${signal}`)));
  try {
    await runSidecar({
      settings,
      environment: process.env,
      inClusterDirectory: '/var/run/secrets/kubernetes.io/serviceaccount',
      terminationLog: '/dev/termination-log',
      log,
      // The time of day at the start and what has passed since: a clock that somebody sets back must not stop the waits.
      now: () => performance.timeOrigin + performance.now(),
      random: Math.random,
      signal: stop.signal,
    });
    return 0;
  } catch (error) {
    log.fatal({ err: error }, error instanceof Error ? error.message : String(error));
    return 1;
  }
}
