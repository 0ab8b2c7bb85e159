import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../eventually.ts';
import { asking } from '../product/test-objects.ts';
import { containerStatus, describePod } from '../product/running-pod.ts';
import { application, getPod, pod } from './pods.ts';
import { node, useNode } from './use-node.ts';

useNode();

// So that the kubelet soon ends a sidecar that can't sync; its process needs a second or two to start.
const impatient = { 'sync-sidecar.io/startup-timeout': '5s' };

describe('a pod whose ServiceAccount may not list what is asked for', () => {
  let namespace: string;
  let other: string;

  beforeAll(async () => {
    namespace = await node.createNamespace('refused');
    other = await node.createNamespace('other');
    await node.apply([{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'reader' } }], namespace);
    // All at once, because it takes each of them some time to fail.
    await node.apply([
      asks('own', impatient),
      asks('others', { ...impatient, 'sync-sidecar.io/namespace': other }),
      asks('once', { 'sync-sidecar.io/method': 'LIST' }),
    ]);
  }, 60_000);

  // Their sidecars would be started again and again, beside the other tests.
  afterAll(() => node.kubectlOutput(['delete', 'pods', '--all', '--namespace', namespace, '--wait=false']));

  function asks(name: string, annotations: Record<string, string>): object {
    const containers = [application({ script: 'exec sleep 1000' })];
    return pod({ namespace, name }, { annotations: { ...asking, ...annotations }, containers });
  }

  it.each([
    { name: 'own', of: 'its own namespace', wanted: () => namespace },
    { name: 'others', of: 'another namespace', wanted: () => other },
    { name: 'once', of: 'its own namespace, once (METHOD=LIST)', wanted: () => namespace },
  ])(
    'says in `kubectl describe pod` who may not do what where, and its application never starts: $of',
    async ({ name, wanted }) => {
      const ref = { namespace, name };
      const where = wanted();
      const user = `system:serviceaccount:${namespace}:reader`;
      const answer = `User "${user}" cannot list resource "configmaps" in API group "" in the namespace "${where}"`;
      const reason = `sync: cannot list configmaps in namespace "${where}": forbidden (403): configmaps is forbidden: ${answer}`;

      const told = async (): Promise<true> => {
        expect(messagesIn(await describePod(node, ref))).toEqual([reason]);
        return true;
      };
      await eventually(told, { timeoutMs: 90_000, intervalMs: 500 });

      expect(containerStatus(await getPod(ref), 'app')).toMatchObject({
        started: false,
        restartCount: 0,
        state: { waiting: { reason: 'PodInitializing' } },
        lastState: {},
      });
    },
    120_000,
  );
});

/** What containers have left when they ended. */
function messagesIn(description: string): string[] {
  return [...description.matchAll(/^ +Message: +(.*)$/gm)].map(([, message = '']) => message);
}
