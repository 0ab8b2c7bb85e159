import { beforeAll, describe, expect, it } from '@jest/globals';
import { asking, configMap, reader } from '../product/test-objects.ts';
import { application, containerStatus, exec, logs, shortLived, untilReady, type PodRef } from './pods.ts';
import { node, useNode } from './use-node.ts';

useNode();

const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' };

describe('an annotated pod, in a namespace that enforces Pod Security "restricted"', () => {
  let pod: PodRef;

  beforeAll(async () => {
    const namespace = await node.createNamespace('annotated', restricted);
    pod = { namespace, name: 'asking' };
    const script = 'ls -ln /etc/dashboards; cat /etc/dashboards/hello.json; exec sleep 1000';
    await node.apply([...reader(), configMap(dashboard('hello', 'as it was'))], namespace);
    await node.apply([
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { ...pod, annotations: asking },
        spec: { ...shortLived, serviceAccountName: 'reader', containers: [application({ script })] },
      },
    ]);
    await untilReady(pod);
  }, 90_000);

  it('starts its application after the first sync, whose files it can read as another user', async () => {
    const said = await logs(pod);
    const { status } = await untilReady(pod);

    expect(said).toMatch(/^-rw-r--r-- +1 65534 +65534 +9 .+ hello\.json\nas it was$/m);
    expect(status.initContainerStatuses).toMatchObject([{ name: 'sync-sidecar', started: true, restartCount: 0 }]);
    expect(await exec(pod, ['id', '-u'])).toBe('1000\n');
  });

  it('sees what is changed, created and deleted within a second', async () => {
    const { namespace } = pod;
    const seen = watchInPod(pod);

    const changed = seen('[ "$(cat /etc/dashboards/hello.json)" = "as it is" ]');
    await node.apply([configMap(dashboard('hello', 'as it is'))], namespace);

    expect(await changed).toBe(true);
  });
});
