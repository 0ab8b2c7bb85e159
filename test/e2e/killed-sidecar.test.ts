import { expect, it } from '@jest/globals';
import { expectEventually } from '../product/expect-eventually.ts';
import { killContainer, runningContainer } from './containers.ts';
import { dashboard, exec, restartCounts, startWatchingPod, untilSidecarRestarted } from './pods.ts';
import { node, useNode } from './use-node.ts';

useNode();

it('a sidecar that is killed starts again beside its application, which keeps its process and its files', async () => {
  const pod = await startWatchingPod('killed', 'before');
  const application = await runningContainer(pod, 'app');
  const killed = await runningContainer(pod, 'sync-sidecar');

  await killContainer(killed);

  const restarted = await untilSidecarRestarted(pod.metadata);
  expect(restartCounts(restarted)).toEqual({ 'sync-sidecar': 1, app: 0 });
  expect(await runningContainer(pod, 'app')).toEqual(application);
  const read = (): Promise<string> => exec(pod.metadata, 'cat /etc/dashboards/hello.json');
  expect(await read()).toBe('before');
  await node.apply([dashboard('changed')], pod.metadata.namespace);
  await expectEventually(read, 'changed');
}, 120_000);
