import { runProgram, type ProcessAccess } from '../shared/program.ts';
import { readConfigurationFile } from './configuration-file.ts';
import { webhookSettings, type WebhookSettings } from './settings.ts';
import { runWebhook } from './webhook.ts';

const program = {
  name: 'webhook',
  purpose: 'Gives pods that ask for it the sync sidecar, as a mutating admission webhook.',
  table: webhookSettings,
  inspect: async ({ CONFIG_FILE }: Partial<WebhookSettings>) => (await readConfigurationFile(CONFIG_FILE)).problems,
};
const access: ProcessAccess = {
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

void runProgram(program, access, ({ process: settings }, given) => runWebhook({ ...given, settings })).then(
  (exitCode) => (process.exitCode = exitCode),
);
