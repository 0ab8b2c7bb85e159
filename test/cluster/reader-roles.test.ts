import { describe, expect } from '@jest/globals';
import { expectEventually } from '../product/expect-eventually.ts';
import { expectFiles } from '../product/expect-files.ts';
import { logEntries } from '../product/log-entries.ts';
import { preparePodSidecar, type PodSidecar } from '../product/pod-sidecar.ts';
import { applyReaderRoles } from '../product/reader-roles.ts';
import type { RunningSidecar } from '../product/sidecar-program.ts';
import { configMap, secret } from '../product/test-objects.ts';
import { cluster, folder, inPod, running, unlessInPod, useCluster } from './use-cluster.ts';

useCluster();

const labels = { dashboard: '1' };
const subjects = [{ kind: 'ServiceAccount', name: 'reader' }];

/** A pod whose ServiceAccount has a shipped role in its namespace, and nothing else. */
async function boundTo(role: string): Promise<PodSidecar> {
  await applyReaderRoles(cluster);
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role };
  const binding = { apiVersion: `${roleRef.apiGroup}/v1`, kind: 'RoleBinding', metadata: { name: role } };
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'reader' } };
  const pod = await preparePodSidecar(cluster, {
    folder: folder.path,
    access: [account, { ...binding, roleRef, subjects }],
  });
  await cluster.apply([configMap({ name: 'a', labels, data: { a: 'a' } })], pod.namespace);
  await cluster.apply([secret({ name: 'b', labels, data: { b: 'b' } })], pod.namespace);
  return pod;
}

async function start(pod: PodSidecar, env: Record<string, string>): Promise<RunningSidecar> {
  const program = await pod.start(env, { wait: false });
  running.push(program);
  return program;
}

function complaints(program: RunningSidecar): string[] {
  return logEntries(program).flatMap(({ level, err }) => (level === 'INFO' ? [] : [err?.message ?? '']));
}

async function change({ namespace }: PodSidecar): Promise<void> {
  await cluster.apply([configMap({ name: 'a', labels, data: { a: 'changed' } })], namespace);
}

describe(`a sidecar whose ServiceAccount has, by a RoleBinding,${unlessInPod}`, () => {
  inPod('sync-sidecar-configmap-reader, syncs ConfigMaps without a complaint', async () => {
    const pod = await boundTo('sync-sidecar-configmap-reader');
    const program = await start(pod, { RESOURCE: 'configmap' });

    await expectEventually(async () => (await program.health('/readyz')).body, 'OK');
    await expectFiles(pod.files, { a: 'a' });
    await change(pod);
    await expectFiles(pod.files, { a: 'changed' });

    expect(complaints(program)).toEqual([]);
  });

  inPod('sync-sidecar-configmap-reader, and wants Secrets, is told what it lacks, and syncs ConfigMaps', async () => {
    const pod = await boundTo('sync-sidecar-configmap-reader');
    const program = await start(pod, { RESOURCE: 'both' });
    const lacks = `cannot list secrets in namespace "${pod.namespace}": forbidden`;

    await expectFiles(pod.files, { a: 'a' });
    await expectEventually(() => pod.terminationMessage(), expect.stringContaining(`sync: ${lacks}`));
    await change(pod);
    await expectFiles(pod.files, { a: 'changed' });

    expect(await program.health('/startupz')).toEqual({ status: 503, body: expect.stringContaining(lacks) });
    expect(complaints(program)).toEqual([expect.stringContaining(lacks)]);
  });

  inPod('sync-sidecar-configmap-and-secret-reader, syncs both without a complaint', async () => {
    const pod = await boundTo('sync-sidecar-configmap-and-secret-reader');
    const program = await start(pod, { RESOURCE: 'both' });

    await expectEventually(async () => (await program.health('/readyz')).body, 'OK');
    await expectFiles(pod.files, { a: 'a', b: 'b' });
    await change(pod);
    await expectFiles(pod.files, { a: 'changed', b: 'b' });

    expect(complaints(program)).toEqual([]);
  });

  inPod('either of them, reads no namespace but that of the RoleBinding', async () => {
    const pod = await boundTo('sync-sidecar-configmap-and-secret-reader');
    const other = await cluster.createNamespace('other');
    const program = await start(pod, { RESOURCE: 'configmap', NAMESPACE: `${pod.namespace},${other}` });

    await expectFiles(pod.files, { a: 'a' });
    const lacks = `cannot list configmaps in namespace "${other}": forbidden`;
    await expectEventually(() => complaints(program), [expect.stringContaining(lacks)]);
  });
});
