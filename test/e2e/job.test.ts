import { expect, it } from '@jest/globals';
import { eventually } from '../eventually.ts';
import { containerStatus } from '../product/running-pod.ts';
import { asking, reader } from '../product/test-objects.ts';
import { missSchedule, workload } from '../product/workloads.ts';
import { application, dashboard, getPod, logs, podOf } from './pods.ts';
import { node, useNode } from './use-node.ts';

useNode();

/** Waits until the one Job of a namespace has succeeded. */
async function untilComplete(namespace: string): Promise<void> {
  type Jobs = { items: { status: { conditions?: { type: string; status: string }[] } }[] };
  const complete = async (): Promise<boolean> => {
    const { items } = await node.get<Jobs>('jobs', '--namespace', namespace);
    const conditions = items.flatMap(({ status }) => status.conditions ?? []);
    return conditions.some(({ type, status }) => type === 'Complete' && status === 'True');
  };
  await eventually(complete, { timeoutMs: 60_000, intervalMs: 500 });
}

it.each(['Job', 'CronJob'] as const)(
  'a %s with a sidecar completes: the sidecar ends after the application, without an error',
  async (kind) => {
    const namespace = await node.createNamespace('job');
    await node.apply([...reader(), dashboard('hello')], namespace);
    const containers = [application({ script: 'cat /etc/dashboards/hello.json' })];
    const spec = { serviceAccountName: 'reader', containers };
    await node.apply([workload(kind, { name: 'once', pods: asking, spec })], namespace);
    if (kind === 'CronJob') await missSchedule(node, namespace, 'once');

    await untilComplete(namespace);

    const ref = await podOf(namespace, 'app=once');
    const pod = await getPod(ref);
    expect(await logs(ref)).toBe('hello');
    expect(pod.status.phase).toBe('Succeeded');
    expect(containerStatus(pod, 'sync-sidecar')).toMatchObject({
      restartCount: 0,
      state: { terminated: { exitCode: 0, reason: 'Completed' } },
    });
  },
  90_000,
);
