import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../control-plane/cluster.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../control-plane/temporary-folder.ts';
import { readVisibleTree } from '../product/folder-tree.ts';
import { messages } from '../product/log-entries.ts';
import { noPods, preparePodSidecar, type PodSidecar } from '../product/pod-sidecar.ts';
import type { RunningSidecar } from '../product/sidecar-program.ts';
import { configMap } from '../product/test-objects.ts';
import { connectCluster } from './cluster.ts';

let cluster: Cluster;
let folder: TemporaryFolder;
let pod: PodSidecar;
const running: RunningSidecar[] = [];

beforeAll(async () => {
  cluster = await connectCluster();
  folder = await createTemporaryFolder('sync-sidecar-test-');
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((program) => program.stop()));
});

afterAll(async () => {
  await folder.remove();
});

/** Runs it until it ends by itself; answers its exit code. */
async function runOnce(env: Record<string, string>): Promise<{ code: number | null; messages: string[] }> {
  const program = await pod.start({ METHOD: 'LIST', HEALTH_PORT: '0', ...env }, { wait: false });
  running.push(program);
  const { code } = await program.exited;
  return { code, messages: messages(program) };
}

const inPod = noPods ? it.skip : it;

describe(`certificates${noPods ? ` (skipped: ${noPods})` : ''}`, () => {
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
