import { afterAll, beforeAll } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { logEntries } from '../product/log-entries.ts';
import { startWebhook, type RegisteredWebhook, type WebhookProgramOptions } from '../product/webhook-program.ts';
import { cluster, folder, useCluster } from './use-cluster.ts';

export let webhook: RegisteredWebhook;
/** Of the webhook, among those of all files. */
let ownName: string;

export interface UsedWebhookOptions extends Pick<WebhookProgramOptions, 'env' | 'apiServer'> {
  /** Content of its configuration file. */
  configuration?: string;
}

/**
 * Gives every test of the file that calls it the control plane, and a webhook of its own beside those of other files: `name` has to be
 * its alone. What `prepare` answers may be of the control plane and the folder.
 */
export function useWebhook(
  name: string,
  prepare: () => UsedWebhookOptions | Promise<UsedWebhookOptions> = () => ({}),
): void {
  ownName = name;
  // Jest ends in this order: the webhook before its folder goes. It is undefined where it did not start.
  afterAll(() => (webhook as RegisteredWebhook | undefined)?.stop());
  useCluster();
  beforeAll(async () => {
    const { configuration, env, ...options } = await prepare();
    const file = configuration !== undefined && { CONFIG_FILE: await writeConfiguration(configuration) };
    webhook = await startWebhook(cluster, {
      ...options,
      folder: folder.path,
      suffix: `-${name}-test`,
      namespaceLabels: covered(),
      env: { ...env, ...file },
    });
  }, 60_000);
}

async function writeConfiguration(content: string): Promise<string> {
  const path = join(folder.path, 'configuration.yaml');
  await writeFile(path, content);
  return path;
}

/** Makes a namespace whose pods and workloads are sent to the file's webhook, and answers its name. */
export function createNamespace(labels: Readonly<Record<string, string>> = {}): Promise<string> {
  return cluster.createNamespace(ownName, { ...covered(), ...labels });
}

function covered(): Record<string, string> {
  return { [`${ownName}-test`]: '' };
}

/** The decisions that the webhook has logged for the pods of a namespace. */
export function decisionsIn(namespace: string): (string | undefined)[] {
  return logEntries(webhook.program)
    .filter((line) => line.msg === 'reviewed' && line.namespace === namespace)
    .map(({ reason, dryRun }) => (dryRun === true ? `${reason} (dry run)` : reason));
}
