import { expect, it } from '@jest/globals';
import { expectEventually } from '../product/expect-eventually.ts';
import { containerStatus, type PodRef, type RunningPod } from '../product/running-pod.ts';
import { asking, reader } from '../product/test-objects.ts';
import { workload } from '../product/workloads.ts';
import { application, dashboard, exec, untilReady } from './pods.ts';
import { node, useNode } from './use-node.ts';

useNode();

async function podsOf(namespace: string): Promise<PodRef[]> {
  const { items } = await node.get<{ items: RunningPod[] }>('pods', '--namespace', namespace);
  return items.map(({ metadata: { name } }) => ({ namespace, name }));
}

it.each([
  { kind: 'Deployment', count: 2 },
  { kind: 'StatefulSet', count: 2 },
  { kind: 'DaemonSet', count: 1 },
] as const)(
  'each pod of a $kind is ready with a sidecar of its own, which follows what changes',
  async ({ kind, count }) => {
    const namespace = await node.createNamespace('workload');
    await node.apply([...reader(), dashboard('hello')], namespace);
    const containers = [application({ script: 'exec sleep 1000' })];
    const spec = { serviceAccountName: 'reader', containers, terminationGracePeriodSeconds: 1 };
    await node.apply([workload(kind, { name: 'app', pods: asking, spec })], namespace);

    await node.kubectlOutput(['rollout', 'status', `${kind}/app`, '--namespace', namespace, '--timeout=60s']);

    const pods = await podsOf(namespace);
    expect(pods).toHaveLength(count);
    const contents = (): Promise<string[]> =>
      Promise.all(pods.map((ref) => exec(ref, 'cat /etc/dashboards/hello.json')));
    expect(await contents()).toEqual(pods.map(() => 'hello'));
    for (const ref of pods)
      expect(containerStatus(await untilReady(ref), 'sync-sidecar')).toMatchObject({ started: true, restartCount: 0 });
    await node.apply([dashboard('changed')], namespace);
    await expectEventually(
      contents,
      pods.map(() => 'changed'),
    );
  },
  120_000,
);
