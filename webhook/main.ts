import { readFile } from 'node:fs/promises';
import { destination } from 'pino';
import { createLogger } from '../shared/log.ts';
import { environmentNaming } from '../shared/settings/naming.ts';
import { printRedacted } from '../shared/settings/print-settings.ts';
import { describeProblem, describeProblems } from '../shared/settings/problem.ts';
import { readSettings } from '../shared/settings/read-settings.ts';
import { emptyConfiguration, parseConfiguration, type Configuration } from './configuration.ts';
import { webhookSettings } from './settings.ts';
import { runWebhook } from './webhook.ts';

void main().then((exitCode) => (process.exitCode = exitCode));

/** Runs the webhook; answers the exit code: 0 when ended by a signal, 1 for everything else. */
async function main(): Promise<number> {
  const { settings, problems, warnings } = readSettings(webhookSettings, [
    { naming: environmentNaming, entries: process.env },
  ]);
  const log = createLogger(settings?.process.LOG_LEVEL ?? 'INFO', destination({ dest: 2, sync: true }));
  for (const warning of warnings) log.warn(describeProblem(warning));
  try {
    if (!settings) throw new Error(describeProblems(problems));
    log.info({ settings: printRedacted(webhookSettings, settings) }, 'starting');
    const stop = new AbortController();
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
    await runWebhook({
      settings: settings.process,
      configuration: await readConfiguration(settings.process.CONFIG_FILE),
      environment: process.env,
      inClusterDirectory: '/var/run/secrets/kubernetes.io/serviceaccount',
      log,
      now: Date.now,
      random: Math.random,
      signal: stop.signal,
    });
    return 0;
  } catch (error) {
    log.fatal({ err: error }, error instanceof Error ? error.message : String(error));
    return 1;
  }
}

async function readConfiguration(path: string | undefined): Promise<Configuration> {
  if (path === undefined) return emptyConfiguration;
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Error(`CONFIG_FILE names ${path}, which cannot be read`, { cause });
  });
  const { configuration, problems } = parseConfiguration(text, path);
  if (!configuration) throw new Error(describeProblems(problems));
  return configuration;
}
