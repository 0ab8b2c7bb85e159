import { afterAll, describe, expect, it } from '@jest/globals';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openCluster } from '../control-plane/cluster.ts';
import { startProcess, type LeashedProcess } from '../control-plane/leashed-process.ts';
import { eventually } from '../eventually.ts';
import { removeLeftovers } from '../node/leftovers.ts';
import { untilPodReady } from '../product/running-pod.ts';
import { readSharedNode } from './node.ts';
import { watchNode, type NodeTraces } from './node-traces.ts';
import { application, pod } from './pods.ts';

const started: LeashedProcess[] = [];

afterAll(() => Promise.all(started.map((program) => program.kill())));

const nothing: NodeTraces = { processes: [], folder: false, cgroups: [] };

describe('a node that a program has started, with a pod', () => {
  it('leaves nothing when the program is asked to end', async () => {
    const { program, traces } = await startNodeProgram();
    expectLife(traces());

    expect(await program.stop('SIGTERM', 60_000)).toEqual({ code: 0, signal: null });

    await eventually(() => expect(traces()).toEqual(nothing) ?? true, { timeoutMs: 5_000 });
  }, 180_000);

  it('leaves neither process nor folder when the program is killed, and the next start removes the rest', async () => {
    const { program, traces } = await startNodeProgram();
    expectLife(traces());

    // Not by its leash, which would take everything along that has not left its process group.
    process.kill(program.pid, 'SIGKILL');

    const { cgroups: _, ...rest } = nothing;
    await eventually(() => expect(traces()).toMatchObject(rest) ?? true, { timeoutMs: 15_000 });
    await removeLeftovers({ now: Date.now(), uid: process.getuid?.() });
    // Another run may be removing the same at this moment.
    await eventually(() => expect(traces()).toEqual(nothing) ?? true, { timeoutMs: 5_000 });
  }, 180_000);
});

/** What must be there for its absence to tell something. */
function expectLife({ processes, folder, cgroups }: NodeTraces): void {
  for (const program of ['node-init.sh', 'kube-apiserver', 'kubelet', 'containerd-shim', 'sleep 4711'])
    expect(processes).toContainEqual(expect.stringContaining(program));
  expect(folder).toBe(true);
  expect(cgroups).not.toEqual([]);
}

async function startNodeProgram(): Promise<{ program: LeashedProcess; traces: () => NodeTraces }> {
  const kubeconfig = Promise.withResolvers<string>();
  const said: string[] = [];
  const program = await startProcess({
    command: process.execPath,
    args: [fileURLToPath(new URL('../node/main.ts', import.meta.url))],
    env: process.env,
    onLine: (line) => {
      said.push(line);
      const path = /^KUBECONFIG='?(.+\.kubeconfig)'? /.exec(line)?.[1];
      if (path !== undefined) kubeconfig.resolve(path);
    },
  });
  started.push(program);
  void program.exited.then(() => kubeconfig.reject(new Error(`the node did not start:\n${said.join('\n')}`)));
  await startPod(await kubeconfig.promise);
  return { program, traces: watchNode(dirname(await kubeconfig.promise)) };
}

async function startPod(kubeconfig: string): Promise<void> {
  const { connection } = await readSharedNode();
  const cluster = openCluster({ ...connection, kubeconfig });
  const ref = { namespace: await cluster.createNamespace('leftovers'), name: 'sleeper' };
  const containers = [application({ script: 'exec sleep 4711' })];
  await cluster.apply([pod(ref, { containers, spec: { serviceAccountName: 'default' } })]);
  await untilPodReady(cluster, ref);
}
