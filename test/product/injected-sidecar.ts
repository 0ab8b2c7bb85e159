import type { Container, Pod, Probe } from '../../webhook/pod.ts';
import { eventually } from '../eventually.ts';
import { startProgram, whileRunning, type Program } from './program.ts';

/** The injected container of a pod, or undefined. */
export function injectedContainer({ spec }: Pod): Container | undefined {
  return spec?.initContainers?.find(({ name }) => name === 'sync-sidecar');
}

export interface LocalEnvironment {
  /** What the program gets. */
  env: Record<string, string>;
  /** What differs from the container's environment: the variable, and its value here. */
  replaced: Record<string, string>;
}

/**
 * The environment of the injected container for a process on this machine: exactly as the patch has it, but for the root of `/sync`
 * and the way to the API server.
 */
export function localEnvironment({ env = [] }: Container, syncRoot: string, kubeconfig: string): LocalEnvironment {
  const given = env.map(({ name, value = '' }) => [name, unescaped(value)] as const);
  const moved = given
    .filter(([, value]) => value === '/sync' || value.startsWith('/sync/'))
    .map(([name, value]) => [name, syncRoot + value.slice('/sync'.length)] as const);
  const replaced = { ...Object.fromEntries(moved), KUBECONFIG: kubeconfig };
  return { env: { ...Object.fromEntries(given), ...replaced }, replaced };
}

/** The kubelet makes `$` of `$$`; nothing else of what it expands is in an injected container. */
function unescaped(value: string): string {
  return value.replaceAll('$$', '$');
}

/** Runs the container's program as a process; resolves once the injected startup probe has answered 200. */
export async function startInjectedSidecar(
  container: Container,
  { env }: LocalEnvironment,
  home: string,
): Promise<Program> {
  const program = await startProgram({ name: 'sidecar', env, home });
  await whileRunning(program, untilStarted(container.startupProbe));
  return program;
}

async function untilStarted(probe: Probe | undefined): Promise<void> {
  const { path = '/', port } = probe?.httpGet ?? { port: 0 };
  await eventually(
    async () => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      const body = await response.text();
      if (response.status !== 200) throw new Error(`the startup probe was answered ${response.status}: ${body}`);
      return true;
    },
    { timeoutMs: 20_000, intervalMs: 5 },
  );
}
