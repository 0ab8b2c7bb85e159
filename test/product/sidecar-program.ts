import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../control-plane/cluster.ts';
import { findFreePort } from '../control-plane/free-port.ts';
import { eventually } from '../eventually.ts';
import { startProgram, whileRunning, type Program } from './program.ts';
import { writeServiceAccountKubeconfig } from './service-account-kubeconfig.ts';
import { reader } from './test-objects.ts';

/** A sidecar as a process that has the rights of a ServiceAccount of its namespace. */
export interface LocalSidecar {
  /** Where it writes to, unless `env` says something else. */
  readonly files: string;
  /** Runs it with the environment of a manual manifest; resolves once `/readyz` has answered 200, or at once without health port. */
  start(env?: Readonly<Record<string, string>>): Promise<RunningSidecar>;
}

export interface RunningSidecar extends Program {
  /** Asks a health endpoint. */
  health(path: string): Promise<{ status: number; body: string }>;
}

export interface LocalSidecarOptions {
  namespace: string;
  /** For kubeconfig and files; the caller removes it. */
  folder: string;
  /** What its ServiceAccount may read. */
  resources?: readonly string[];
}

export async function prepareSidecar(
  cluster: Cluster,
  { namespace, folder, resources }: LocalSidecarOptions,
): Promise<LocalSidecar> {
  await cluster.apply(reader(resources), namespace);
  const account = { namespace, name: 'reader' };
  const KUBECONFIG = await writeServiceAccountKubeconfig(cluster, account, join(folder, `${namespace}.kubeconfig`));
  const files = join(folder, namespace, 'files');
  mkdirSync(files, { recursive: true });
  return {
    files,
    start: async ({ ...env } = {}) => {
      const HEALTH_PORT = String(await findFreePort('127.0.0.1', Math.random));
      const common = { KUBECONFIG, HEALTH_PORT, FOLDER: files, LABEL: 'dashboard' };
      const program = await startProgram({ name: 'sidecar', env: { ...common, ...env }, home: folder });
      const health = healthOf(Number(HEALTH_PORT));
      if (env.METHOD !== 'LIST' && env.WAIT_FOR !== 'nothing') await whileRunning(program, untilReady(health));
      return { ...program, health };
    },
  };
}

/** Asks the health endpoints of a sidecar on this machine. */
export function healthOf(port: number): RunningSidecar['health'] {
  return async (path) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, body: await response.text() };
  };
}

/** Waits until `/readyz` answers 200. */
export async function untilReady(health: RunningSidecar['health']): Promise<void> {
  await eventually(async () => (await health('/readyz')).status === 200, { timeoutMs: 20_000, intervalMs: 20 });
}
