import { buffer } from 'node:stream/consumers';
import { processAccess } from '../shared/process-access.ts';
import { runProgram } from '../shared/program.ts';
import { version } from '../shared/version.ts';
import { readConfigurationFile } from './configuration/configuration-file.ts';
import type { WebhookProcessFacts } from './metrics/metrics.ts';
import { runRender } from './render/render-command.ts';
import { conflictingSettings } from './settings-in-effect.ts';
import { webhookSettings, type WebhookSettings } from './settings.ts';
import { runWebhook } from './webhook.ts';

const program = {
  name: 'webhook',
  purpose: 'Gives pods that ask for it the sync sidecar, as a mutating admission webhook.',
  table: webhookSettings,
  inspect: async (settings: Partial<WebhookSettings>) => [
    ...conflictingSettings(settings),
    ...(await readConfigurationFile(settings.CONFIG_FILE)).problems,
  ],
  commands: { 'render FILE': 'Prints what it would do to the pods of a file of manifests, without a cluster.' },
};
const access = processAccess(process);

const cpuSeconds = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1e6;
const processFacts = (): WebhookProcessFacts => ({
  version,
  nodeVersion: process.versions.node,
  startedAt: performance.timeOrigin,
  residentMemoryBytes: process.memoryUsage.rss(),
  cpuSeconds: cpuSeconds(process.cpuUsage()),
});
const own = { processFacts, clock: () => performance.now() };

void run().then((exitCode) => (process.exitCode = exitCode));

function run(): Promise<number> {
  const [command, ...argv] = access.argv;
  if (command === 'render') return runRender({ ...access, argv, readInput: () => buffer(process.stdin) });
  return runProgram(program, access, ({ process: settings }, given) => runWebhook({ ...given, ...own, settings }));
}
