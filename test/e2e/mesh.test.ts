import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Pod } from '../../webhook/pod.ts';
import { busyboxImage } from '../node/images.ts';
import type { RunningPod } from '../product/running-pod.ts';
import { asking, reader } from '../product/test-objects.ts';
import { application, dashboard, logs, pod, restartCounts, untilReady } from './pods.ts';
import { node, useNode } from './use-node.ts';

useNode();

/** A container that changes the network of its pod, as those of a mesh do. */
function meshContainer(name: string, script: string): object {
  const securityContext = { runAsUser: 0, capabilities: { add: ['NET_ADMIN'] } };
  return { name, image: busyboxImage, command: ['/tini', '--', 'sh', '-c', script], securityContext };
}

/** The init containers of a pod of a mesh: between the end of the first and the start of the second nothing in it has a network. */
function initContainers(mesh: string): object[] {
  const serve = `sleep 2; ip route add default via ${node.address}; touch /tmp/serves; exec sleep 1000`;
  const startupProbe = { exec: { command: ['test', '-e', '/tmp/serves'] }, periodSeconds: 1, failureThreshold: 60 };
  return [
    meshContainer(`${mesh}-init`, 'ip route del default'),
    { ...meshContainer(`${mesh}-proxy`, serve), restartPolicy: 'Always', startupProbe },
    { ...application({ script: 'cat /etc/dashboards/hello.json' }), name: 'migrate' },
  ];
}

/** The containers of a pod in the order in which the kubelet has started them. */
async function startOrder({ metadata: { namespace, name } }: RunningPod): Promise<(string | undefined)[]> {
  type Event = { metadata: { resourceVersion: string }; involvedObject: { fieldPath: string } };
  const selector = `involvedObject.name=${name},reason=Started`;
  const { items } = await node.get<{ items: Event[] }>(
    'events',
    '--namespace',
    namespace,
    '--field-selector',
    selector,
  );
  const inOrder = items.sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion));
  return inOrder.map(({ involvedObject: { fieldPath } }) => /\{(.*)\}/.exec(fieldPath)?.[1]);
}

describe.each(['istio', 'linkerd'])(
  'in a pod that has no network before %s-proxy, a native sidecar, the sidecar',
  (mesh) => {
    let running: RunningPod;

    beforeAll(async () => {
      const namespace = await node.createNamespace('mesh');
      const ref = { namespace, name: 'asking' };
      const containers = [application({ script: 'exec sleep 1000' })];
      await node.apply([...reader(), dashboard('hello')], namespace);
      await node.apply([pod(ref, { annotations: asking, containers, spec: { initContainers: initContainers(mesh) } })]);
      running = await untilReady(ref);
    }, 90_000);

    it('starts after it, and before all that is left', async () => {
      const order = [`${mesh}-init`, `${mesh}-proxy`, 'sync-sidecar', 'migrate', 'app'];
      const { initContainerStatuses = [], containerStatuses = [] } = running.status;
      const statuses = [...initContainerStatuses, ...containerStatuses];

      expect(await startOrder(running)).toEqual(order);
      expect(statuses.map(({ name }) => name)).toEqual(order);
      const times = statuses.map(({ state }) => (state.running ?? state.terminated)?.startedAt);
      expect(times).toEqual([...times].sort());
      expect(restartCounts(running)).toEqual(Object.fromEntries(order.map((name) => [name, 0])));
    });

    it('has the files there for the init container that comes after it, and no mount in those before', async () => {
      expect(await logs(running.metadata, 'migrate')).toBe('hello');
      const { spec } = await node.get<Pod>('pod', running.metadata.name, '--namespace', running.metadata.namespace);
      const seeing = spec?.initContainers?.filter(({ volumeMounts = [] }) =>
        volumeMounts.some(({ mountPath }) => mountPath === '/etc/dashboards'),
      );
      expect(seeing?.map(({ name }) => name)).toEqual(['migrate']);
    });
  },
);
