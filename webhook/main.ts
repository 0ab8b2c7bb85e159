import { runProgram } from '../shared/program.ts';
import { readConfigurationFile } from './configuration-file.ts';
import { webhookSettings } from './settings.ts';
import { runWebhook } from './webhook.ts';

const access = { env: process.env, onSignal: (signal: string, listener: () => void) => process.once(signal, listener) };

void runProgram(webhookSettings, access, async ({ process: settings }, given) =>
  runWebhook({ ...given, settings, configuration: await readConfigurationFile(settings.CONFIG_FILE) }),
).then((exitCode) => (process.exitCode = exitCode));
