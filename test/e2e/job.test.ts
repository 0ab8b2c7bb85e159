import { expect, it } from '@jest/globals';
import { containerStatus } from '../product/running-pod.ts';
import { asking, reader } from '../product/test-objects.ts';
import { application, dashboard, getPod, logs, podOf } from './pods.ts';
import { node, useNode } from './use-node.ts';

useNode();

it('a Job with a sidecar completes: the sidecar ends after the application, without an error', async () => {
  const namespace = await node.createNamespace('job');
  await node.apply([...reader(), dashboard('hello')], namespace);
  const template = {
    metadata: { annotations: asking },
    spec: {
      serviceAccountName: 'reader',
      restartPolicy: 'Never',
      containers: [application({ script: 'cat /etc/dashboards/hello.json' })],
    },
  };
  const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'once' }, spec: { backoffLimit: 0, template } };
  await node.apply([job], namespace);

  await node.kubectlOutput(['wait', '--for=condition=complete', 'job/once', '--namespace', namespace, '--timeout=60s']);

  const ref = await podOf(namespace, 'job-name=once');
  const pod = await getPod(ref);
  expect(await logs(ref)).toBe('hello');
  expect(pod.status.phase).toBe('Succeeded');
  expect(containerStatus(pod, 'sync-sidecar')).toMatchObject({
    restartCount: 0,
    state: { terminated: { exitCode: 0, reason: 'Completed' } },
  });
}, 90_000);
