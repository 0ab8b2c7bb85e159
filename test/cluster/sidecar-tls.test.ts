import { describe, expect } from '@jest/globals';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readVisibleTree } from '../product/folder-tree.ts';
import { messages } from '../product/log-entries.ts';
import { preparePodSidecar, type PodSidecar } from '../product/pod-sidecar.ts';
import { configMap } from '../product/test-objects.ts';
import { cluster, folder, inPod, running, unlessInPod, useCluster } from './use-cluster.ts';

useCluster();

let pod: PodSidecar;

/** Runs it until it ends by itself; answers its exit code. */
async function runOnce(env: Record<string, string>): Promise<{ code: number | null; messages: string[] }> {
  const program = await pod.start({ METHOD: 'LIST', HEALTH_PORT: '0', ...env }, { wait: false });
  running.push(program);
  const { code } = await program.exited;
  return { code, messages: messages(program) };
}

describe(`certificates${unlessInPod}`, () => {
  inPod('of the API server are verified, unless SKIP_TLS_VERIFY', async () => {
    pod = await preparePodSidecar(cluster, { folder: folder.path });
    const object = configMap({ name: 'a', labels: { dashboard: '1' }, data: { a: 'a' } });
    await cluster.apply([object], pod.namespace);
    rmSync(join(pod.account, 'ca.crt'));
    const refused = await runOnce({});
    expect([refused.code, readVisibleTree(pod.files)]).toEqual([1, {}]);
    writeFileSync(join(pod.account, 'ca.crt'), 'no certificate at all');
    expect([(await runOnce({ SKIP_TLS_VERIFY: 'true' })).code, readVisibleTree(pod.files)]).toEqual([0, { a: 'a' }]);
  });

  inPod('of REQ_URL are verified, unless REQ_SKIP_TLS_VERIFY', async () => {
    pod = await preparePodSidecar(cluster, { folder: folder.path });
    const object = configMap({ name: 'a', labels: { dashboard: '1' }, data: { a: 'a' } });
    await cluster.apply([object], pod.namespace);
    // Anybody may ask for it, by a certificate that only the cluster's own CA has signed.
    const env = { REQ_URL: `${cluster.server}/version`, REQ_RETRY_TOTAL: '0' };
    expect((await runOnce(env)).messages).toContain('the application was not notified');
    expect((await runOnce({ ...env, REQ_SKIP_TLS_VERIFY: 'true' })).messages).toContain('application notified');
  });
});
