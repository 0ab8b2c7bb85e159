import { bareEnvironment, startProcess } from '../../test/control-plane/leashed-process.ts';
import { eventually } from '../../test/eventually.ts';
import type { Notification } from './changes.ts';
import { application, type PodScene } from './pod-scene.ts';

/** What application.sh says in its container. */
export interface ApplicationLog {
  /** The files that it found when it started, with their contents. */
  found: Readonly<Record<string, string>>;
  /** The requests that it got; grows. */
  notifications: readonly Notification[];
}

/** Reads with `kubectl logs --follow`; resolves when the application serves. */
export async function followApplicationLog(scene: PodScene, stack: AsyncDisposableStack): Promise<ApplicationLog> {
  const { node, ref, signal } = scene;
  const found: Record<string, string> = {};
  const notifications: Notification[] = [];
  const lines: string[] = [];
  const logs = await startProcess({
    command: node.kubectlPath,
    args: [
      ...['--kubeconfig', node.kubeconfig, '--namespace', ref.namespace],
      ...['logs', ref.name, '--container', application, '--follow'],
    ],
    env: bareEnvironment(node.home),
    onLine: (line) => {
      lines.push(line);
      const [, file, content = ''] = /^found (.+?): (.*)$/.exec(line) ?? [];
      if (file !== undefined) found[file] = content;
      const [, method, path = ''] = /^request: (\S+) (\S+)$/.exec(line) ?? [];
      if (method !== undefined) notifications.push({ method, path });
    },
  });
  stack.defer(async () => void (await logs.kill()));
  await eventually(() => lines.includes('serving'), { timeoutMs: 10_000, signal }).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw new Error(`the application does not serve; it said:\n${lines.join('\n')}`, { cause });
  });
  return { found, notifications };
}
