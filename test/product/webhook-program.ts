import https from 'node:https';
import type { Cluster } from '../control-plane/cluster.ts';
import { findFreePort } from '../control-plane/free-port.ts';
import type { Namespaces } from '../control-plane/leashed-process.ts';
import { eventually } from '../eventually.ts';
import { startProgram, whileRunning, type Program, type ProgramOptions } from './program.ts';
import { writeServiceAccountKubeconfig } from './service-account-kubeconfig.ts';
import { webhookManifests } from './webhook-manifests.ts';

export interface RegisteredWebhook {
  /** The program that runs now, or ran last. */
  readonly program: Program;
  readonly url: string;
  stop(): Promise<void>;
  /** Starts the program again after it was stopped, at the same address. */
  restart(): Promise<void>;
}

export interface WebhookProgramOptions {
  /** For kubeconfig and configuration file; the caller removes it. */
  folder: string;
  suffix?: string;
  namespaceLabels?: Readonly<Record<string, string>>;
  env?: Readonly<Record<string, string>>;
  /** URL by which the program reaches the API server, in place of the cluster's own. */
  apiServer?: string;
}

/** Registers the webhook as `manifests/base` does and runs it as a process that has the rights of its ServiceAccount. */
export async function startWebhook(cluster: Cluster, options: WebhookProgramOptions): Promise<RegisteredWebhook> {
  const port = await findFreePort('127.0.0.1', Math.random);
  const url = `https://127.0.0.1:${port}`;
  await cluster.apply(await webhookManifests({ ...options, url }));
  return runRegistered(cluster, { ...options, port, url });
}

export interface RegisteredProgramOptions extends WebhookProgramOptions {
  port: number;
  /** Where this machine reaches it. */
  url: string;
  namespaces?: Namespaces;
}

/** Runs the webhook as a process behind a configuration that leads to it; resolves when it is ready. */
export async function runRegistered(cluster: Cluster, options: RegisteredProgramOptions): Promise<RegisteredWebhook> {
  const { folder, url, namespaces } = options;
  const env = await environmentOf(cluster, options);
  const start = (): Promise<Program> =>
    startReadyWebhook({ env, home: folder, ...(namespaces && { namespaces }) }, url);
  let program = await start();
  return {
    get program() {
      return program;
    },
    url,
    stop: async () => void (await program.stop()),
    restart: async () => {
      program = await start();
    },
  };
}

/** What a replica finds in its environment: the rights of its ServiceAccount, and the names of what is its own. */
export async function environmentOf(
  cluster: Cluster,
  { folder, suffix = '', port, env, apiServer: server = cluster.server }: WebhookProgramOptions & { port: number },
): Promise<Record<string, string>> {
  const account = { namespace: `sync-sidecar${suffix}`, name: `sync-sidecar-webhook${suffix}` };
  return {
    WEBHOOK_CONFIGURATION: `sync-sidecar${suffix}`,
    CA_SECRET: `sync-sidecar${suffix}/sync-sidecar-ca${suffix}`,
    KUBECONFIG: await writeServiceAccountKubeconfig(
      { ...cluster, server },
      account,
      `${folder}/webhook${suffix}.kubeconfig`,
    ),
    PORT: String(port),
    // Several may run on one machine.
    METRICS_PORT: '0',
    // No pod leads here: once the program is told to end, nobody else is on the way to it.
    SHUTDOWN_DELAY: '0s',
    ...env,
  };
}

/** Starts the program, and resolves when it is ready at the URL; one that doesn't become so is ended, and its log told. */
export async function startReadyWebhook(options: Omit<ProgramOptions, 'name'>, url: string): Promise<Program> {
  const program = await startProgram({ name: 'webhook', ...options });
  await whileRunning(program, untilReady(url)).catch(async (cause: unknown) => {
    await program.kill();
    throw new Error(`the webhook is not ready; it said:\n${program.log()}`, { cause });
  });
  return program;
}

/** Ready once the API server trusts it: its certificate is signed by the CA in the live webhook configuration. */
async function untilReady(url: string): Promise<void> {
  await eventually(async () => (await statusOf(`${url}/readyz`)) === 200, { timeoutMs: 20_000 });
}

function statusOf(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    // The kubelet doesn't verify the certificate of a probe either; whether the API server trusts it is what /readyz tells.
    const request = https.get(url, { rejectUnauthorized: false, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    request.on('error', reject);
  });
}
