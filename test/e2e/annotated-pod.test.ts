import { beforeAll, describe, expect, it } from '@jest/globals';
import { adminClient, configMapPath } from '../product/admin-client.ts';
import type { PodRef } from '../product/running-pod.ts';
import { asking, reader } from '../product/test-objects.ts';
import { application, dashboard, exec, logs, pod, untilReady, watchInPod } from './pods.ts';
import { node, useNode } from './use-node.ts';

useNode();

const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' };

describe('an annotated pod, in a namespace that enforces Pod Security "restricted"', () => {
  let ref: PodRef;

  beforeAll(async () => {
    const namespace = await node.createNamespace('annotated', restricted);
    ref = { namespace, name: 'asking' };
    await node.apply([...reader(), dashboard('as it was')], namespace);
    const script = 'ls -ln /etc/dashboards; cat /etc/dashboards/hello.json; echo; exec sleep 1000';
    await node.apply([pod(ref, { annotations: asking, containers: [application({ script, uid: 1000 })] })]);
    await untilReady(ref);
  }, 90_000);

  it('starts its application after the first sync, whose files it can read as another user', async () => {
    const { status } = await untilReady(ref);

    expect(await logs(ref)).toMatch(/^-rw-r--r-- .+ 65534 +65534 +9 .+ hello\.json\nas it was$/m);
    expect(await exec(ref, 'id -u')).toBe('1000\n');
    expect(status.initContainerStatuses).toMatchObject([{ name: 'sync-sidecar', started: true, restartCount: 0 }]);
  });

  it('sees within a second what is changed and what is deleted', async () => {
    await using stack = new AsyncDisposableStack();
    const client = adminClient(node);
    stack.defer(() => client.close());
    const path = configMapPath(ref.namespace, 'hello');

    const change = await watchInPod(ref, 'grep -q new /etc/dashboards/hello.json');
    await client.request({ method: 'PUT', path, body: dashboard('new') });
    const changed = performance.now();
    expect((await change.seenAt) - changed).toBeLessThan(1000);

    const deletion = await watchInPod(ref, '[ ! -e /etc/dashboards/hello.json ]');
    await client.request({ method: 'DELETE', path });
    const deleted = performance.now();
    expect((await deletion.seenAt) - deleted).toBeLessThan(1000);
  });
});
