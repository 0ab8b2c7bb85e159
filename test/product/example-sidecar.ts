import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Container, EnvironmentVariable } from '../../webhook/pod.ts';
import type { Cluster } from '../control-plane/cluster.ts';
import { findFreePort } from '../control-plane/free-port.ts';
import { eventually } from '../eventually.ts';
import { readTree } from './folder-tree.ts';
import { localEnvironment } from './injected-sidecar.ts';
import { startProgram, whileRunning, type Program } from './program.ts';
import { writeServiceAccountKubeconfig, type ServiceAccountName } from './service-account-kubeconfig.ts';
import { healthOf } from './sidecar-program.ts';

export interface ExampleSidecarOptions {
  readonly container: Container;
  /** As whom it runs: that of its pod. */
  readonly account: ServiceAccountName;
  /** A folder of the caller's, for all that it needs. */
  readonly home: string;
  /** Where the application listens, in place of the pod's localhost. */
  readonly application: string;
}

/** The sidecar of an example's pod, as a process. */
export interface ExampleSidecar extends Program {
  /** The synced files, by the paths at which the application sees them. */
  files(): Record<string, string>;
}

/**
 * Runs the program of a container with the environment that the container has, but for what a pod has to itself: the root of /sync, the
 * way to the API server, the health port, and where the application listens. Resolves once its startup probe would be answered 200;
 * an ordinary init container once it is done.
 */
export async function startExampleSidecar(cluster: Cluster, options: ExampleSidecarOptions): Promise<ExampleSidecar> {
  const { container, account, home } = options;
  const root = join(home, 'sync');
  mkdirSync(root, { recursive: true });
  const kubeconfig = await writeServiceAccountKubeconfig(cluster, account, join(home, 'kubeconfig'));
  const port = await findFreePort('127.0.0.1', Math.random);
  const env = {
    ...localEnvironment(container, root, kubeconfig).env,
    ...(await fromSecrets(cluster, account.namespace, container)),
    ...requestUrls(container, options.application),
    HEALTH_PORT: String(port),
  };
  const program = await startProgram({ name: 'sidecar', env, home });
  try {
    await (container.restartPolicy === 'Always' ? whileRunning(program, untilStarted(port)) : untilDone(program));
  } catch (cause) {
    await program.kill();
    throw new Error(`the sidecar does not start; it said:\n${program.log()}`, { cause });
  }
  return { ...program, files: () => filesOf(env) };
}

async function untilStarted(port: number): Promise<void> {
  const health = healthOf(port);
  await eventually(async () => (await health('/startupz')).status === 200, { timeoutMs: 20_000, intervalMs: 20 });
}

async function untilDone({ exited }: Program): Promise<void> {
  const { code } = await exited;
  if (code !== 0) throw new Error(`the init container ended with ${code}`);
}

/** As the kubelet fills them in. */
async function fromSecrets(cluster: Cluster, namespace: string, container: Container): Promise<Record<string, string>> {
  const read = async ({ name, valueFrom }: EnvironmentVariable): Promise<[string, string][]> => {
    if (!valueFrom?.secretKeyRef) return [];
    const { name: secret, key } = valueFrom.secretKeyRef;
    const { data } = await cluster.get<{ data: Record<string, string> }>('secret', secret, '--namespace', namespace);
    return [[name, Buffer.from(data[key] ?? '', 'base64').toString()]];
  };
  return Object.fromEntries((await Promise.all((container.env ?? []).map(read))).flat());
}

function requestUrls({ env = [] }: Container, application: string): Record<string, string> {
  const urls = env.filter(({ name }) => /^(.+__)?REQ_URL$/.test(name));
  const { host } = new URL(application);
  return Object.fromEntries(urls.map(({ name, value = '' }) => [name, Object.assign(new URL(value), { host }).href]));
}

function filesOf(env: Readonly<Record<string, string>>): Record<string, string> {
  const prefixes = Object.keys(env).flatMap(
    (name) => /^(.+__)?FOLDER$/.exec(name)?.[0].slice(0, -'FOLDER'.length) ?? [],
  );
  const folders = prefixes.map((prefix) => ({ path: env[`${prefix}FOLDER`]!, seen: env[`${prefix}APP_FOLDER`]! }));
  const files = folders.flatMap(({ path, seen }) =>
    Object.entries(readTree(path)).map(([file, content]) => [join(seen, file), content] as const),
  );
  return Object.fromEntries(files);
}
