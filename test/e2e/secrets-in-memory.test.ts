import { beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findContainerCgroup } from '../node/container-on-machine.ts';
import { expectEventually } from '../product/expect-eventually.ts';
import { containerStatus, type PodRef, type RunningPod } from '../product/running-pod.ts';
import { asking, reader, secret } from '../product/test-objects.ts';
import { application, exec, pod, restartCounts, untilReady } from './pods.ts';
import { node, useNode } from './use-node.ts';

useNode();

const KiB = 1024;
const MiB = 1024 * KiB;

// Two of them don't fit into 1 MiB.
const size = 700 * KiB;

/** Creates a Secret of that size. `kubectl apply` would write all of it into an annotation too, which is too small. */
async function createSecret(namespace: string, name: string): Promise<void> {
  const object = secret({ name, labels: { dashboard: '1' }, data: { [name]: name.repeat(size) } });
  const args = ['create', '--namespace', namespace, '--filename', '-'];
  await node.kubectlOutput(args, { input: JSON.stringify(object) });
}

async function start(settings: Record<string, string> = {}): Promise<RunningPod> {
  const namespace = await node.createNamespace('memory', { 'pod-security.kubernetes.io/enforce': 'restricted' });
  const ref = { namespace, name: 'asking' };
  await node.apply(reader(['secrets']), namespace);
  await createSecret(namespace, 'a');
  const containers = [application({ script: 'exec sleep 1000' })];
  const annotations = { ...asking, 'sync-sidecar.io/resource': 'secret', ...settings };
  await node.apply([pod(ref, { annotations, containers })]);
  return untilReady(ref);
}

/** Type, access and size of what is mounted at a path. */
async function mountOf(ref: PodRef, path: string, container: string): Promise<string[]> {
  const line = await exec(ref, `grep " ${path} " /proc/mounts`, container);
  const [, , type = '', options = ''] = line.split(' ');
  return [type, ...options.split(',').filter((option) => /^(ro|rw|size=.*)$/.test(option))];
}

/** What the kernel counts for the sidecar: its limit, and what of its memory is files in memory. */
async function memoryOf(running: RunningPod): Promise<{ limit: number; files: number }> {
  const { containerID = '' } = containerStatus(running, 'sync-sidecar');
  const folder = await findContainerCgroup({ cgroup: node.cgroup, containerID });
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
  const limit = await read('memory.max').catch(() => read('memory.limit_in_bytes'));
  return { limit: Number(limit), files: Number(/^shmem (\d+)$/m.exec(await read('memory.stat'))?.[1]) };
}

describe('Secrets', () => {
  it('lie in memory of 64 MiB, by which the memory limit of the sidecar is raised', async () => {
    const running = await start();

    expect(await mountOf(running.metadata, '/etc/dashboards', 'app')).toEqual(['tmpfs', 'ro', 'size=65536k']);
    expect(await mountOf(running.metadata, '/sync', 'sync-sidecar')).toEqual(['tmpfs', 'rw', 'size=65536k']);
    const { limit, files } = await memoryOf(running);
    expect(limit).toBe((192 + 64) * MiB);
    expect(files).toBeGreaterThanOrEqual(size);
    expect(files).toBeLessThan(size + 100 * KiB);
  }, 90_000);

  describe('in memory of a size limit', () => {
    let running: RunningPod;

    beforeAll(async () => {
      running = await start({ 'sync-sidecar.io/volume-size-limit': '1Mi' });
    }, 90_000);

    it('have that much, and raise the memory limit by it', async () => {
      expect(await mountOf(running.metadata, '/sync', 'sync-sidecar')).toEqual(['tmpfs', 'rw', 'size=1024k']);
      expect((await memoryOf(running)).limit).toBe((192 + 1) * MiB);
    });

    it('wait for room where they do not fit, and the pod runs on', async () => {
      const ref = running.metadata;
      const faults = (): Promise<string> =>
        exec(ref, `wget -q -O - http://127.0.0.1:18080/metrics | grep '^sync_sidecar_faults'`);

      await createSecret(ref.namespace, 'b');
      await expectEventually(faults, 'sync_sidecar_faults{sync="sync"} 1\n');
      expect(await exec(ref, 'ls /etc/dashboards && wc -c < /etc/dashboards/a')).toBe(`a\n${size}\n`);

      await node.kubectlOutput(['delete', 'secret', 'a', '--namespace', ref.namespace]);
      await expectEventually(
        () => exec(ref, 'ls /etc/dashboards && wc -c /etc/dashboards/*'),
        `b\n${size} /etc/dashboards/b\n`,
        60_000,
      );
      expect(await faults()).toBe('sync_sidecar_faults{sync="sync"} 0\n');
      expect(restartCounts(await untilReady(ref))).toEqual({ 'sync-sidecar': 0, app: 0 });
    }, 120_000);
  });
});
