import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterNode } from '../node/node.ts';
import { expectEventually } from '../product/expect-eventually.ts';
import type { RunningPod } from '../product/running-pod.ts';
import { killContainer, runIn, runningContainer, type RunningContainer } from './containers.ts';
import { startOwnNode } from './own-node.ts';
import { dashboard, restartCounts, startWatchingPod, untilSidecarRestarted } from './pods.ts';
import { useNode } from './use-node.ts';

let node: ClusterNode;

useNode(async () => (node = await startOwnNode()));
// It is undefined where it did not start.
afterAll(() => (node as ClusterNode | undefined)?.stop());

// The pauses between two tries, the kubelet's and the sidecar's, grow to 30 s while there is no API server.
const timeoutMs = 90_000;

/** How often the kubelet has said that a startup probe of the pod has succeeded. */
async function startsSeen({ metadata: { namespace, name } }: RunningPod): Promise<number> {
  const log = await readFile(join(node.folder, 'kubelet.log'), 'utf8');
  return log.split(`"SyncLoop (probe)" probe="startup" status="started" pod="${namespace}/${name}"`).length - 1;
}

describe('a sidecar that is killed while there is no API server', () => {
  let pod: RunningPod;
  let application: RunningContainer;
  let killed: RunningContainer;

  beforeAll(async () => {
    pod = await startWatchingPod('outage', 'before');
    application = await runningContainer(pod, 'app');
    killed = await runningContainer(pod, 'sync-sidecar');
    expect(await startsSeen(pod)).toBe(1);
    await node.controlPlane.stopApiServer();
    await killContainer(killed);
  }, 120_000);

  /** What the startup probe gets, by the network that the containers of a pod share. */
  const askStartup = async (): Promise<string> => {
    const body = await runIn(application, 'wget -q -O - http://127.0.0.1:18080/startupz');
    return body.replace(/since [0-9T:.-]+Z/, 'since TIME');
  };

  it('starts again, and the kubelet finds it started, by what is on its volume', async () => {
    await expectEventually(() => startsSeen(pod), 2, timeoutMs);

    expect(await runningContainer(pod, 'sync-sidecar')).not.toEqual(killed);
    const namespace = `namespace "${pod.metadata.namespace}"`;
    const refusal = 'connection to https://10.96.0.1 failed: connect ECONNREFUSED 10.96.0.1:443';
    const stale = `configmaps with "dashboard" in ${namespace}: stale since TIME: cannot list configmaps in ${namespace}: ${refusal}`;
    await expectEventually(askStartup, `OK\n${stale}`);
    await expect(node.kubectlOutput(['get', '--raw', '/livez'])).rejects.toThrow();
  }, 120_000);

  it('leaves the application its process and its files', async () => {
    expect(await runningContainer(pod, 'app')).toEqual(application);
    expect(await runIn(application, 'cat /etc/dashboards/hello.json')).toBe('before');
  });

  it('is Ready once the API server is back, and syncs on; the application has not been restarted', async () => {
    await node.controlPlane.startApiServer();

    expect(restartCounts(await untilSidecarRestarted(pod.metadata, timeoutMs))).toEqual({ 'sync-sidecar': 1, app: 0 });
    expect(await runningContainer(pod, 'app')).toEqual(application);
    await node.apply([dashboard('changed')], pod.metadata.namespace);
    await expectEventually(() => runIn(application, 'cat /etc/dashboards/hello.json'), 'changed', timeoutMs);
  }, 200_000);
});
