import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findOrBuildBinaries } from '../control-plane/binaries.ts';
import { openCluster } from '../control-plane/cluster.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/control-plane.ts';
import { bareEnvironment, startProcess, type LeashedProcess } from '../control-plane/leashed-process.ts';
import type { Progress } from '../control-plane/progress.ts';
import type { Binaries } from '../control-plane/programs.ts';
import { createTemporaryFolder } from '../control-plane/temporary-folder.ts';
import { readCommandLines } from '../command-lines.ts';
import { eventually } from '../eventually.ts';

const { signal } = new AbortController();
const quiet = () => {};
const notLinux = process.platform !== 'linux' && 'the processes are looked up in /proc';
const noNamespaces = (notLinux || process.getuid?.() !== 0) && 'only root on Linux makes network namespaces';
const because = (reason: string | false) => (reason ? ` (skipped: ${reason})` : '');
let binaries: Binaries;

beforeAll(async () => {
  // The global setup of the project "cluster", or an earlier run, has built them; else this takes minutes.
  binaries = await findOrBuildBinaries({ env: process.env, onProgress: quiet, signal });
}, 900_000);

describe('a control plane that is disturbed', () => {
  let controlPlane: ControlPlane;

  beforeAll(async () => {
    controlPlane = await startControlPlane({ binaries, signal });
  }, 60_000);
  afterAll(() => controlPlane.stop());

  it('keeps its objects and its address over a restart of the API server', async () => {
    const namespace = await controlPlane.createNamespace('restart');
    const { uid } = await createConfigMap(controlPlane, namespace);

    await controlPlane.restartApiServer();

    const { metadata } = await controlPlane.get<ConfigMap>('configmap/settings', '--namespace', namespace);
    expect(metadata.uid).toBe(uid);
  }, 60_000);

  it('is not reached while its API server is stopped', async () => {
    await controlPlane.stopApiServer();

    const { code, stderr } = await controlPlane.kubectl(['get', 'namespaces']);

    expect(code).toBe(1);
    expect(stderr).toMatch(/server 127\.0\.0\.1:\d+ was refused/);
    await controlPlane.startApiServer();
  }, 60_000);

  it('answers a watch from any resourceVersion seen before with 410 Expired, once they are expired', async () => {
    const namespace = await controlPlane.createNamespace('expired');
    const created = await createConfigMap(controlPlane, namespace);
    await controlPlane.kubectlOutput(['label', 'configmap/settings', 'changed=yes', '--namespace', namespace]);
    const newest = await metadataOf(controlPlane, namespace);

    const before = await firstWatchEvent(controlPlane, namespace, created.resourceVersion);
    await controlPlane.expireResourceVersions();
    const after = await firstWatchEvent(controlPlane, namespace, newest.resourceVersion);

    expect(before).toMatchObject({ type: 'MODIFIED', object: { metadata: { uid: created.uid } } });
    expect(after).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
  }, 60_000);
});

describe('a control plane that can not start', () => {
  it('names the component that ended, and shows the end of its log', async () => {
    const folder = await createTemporaryFolder('sync-sidecar-broken-');
    const broken = join(folder.path, 'kube-apiserver');
    await writeFile(broken, '#!/bin/sh\necho the certificate is upside down >&2\nexit 3\n', { mode: 0o755 });

    const start = startControlPlane({ binaries: { ...binaries, kubeApiserver: broken }, signal });

    await expect(start).rejects.toThrow(
      'kube-apiserver ended with exit code 3. Its log ends with:\nthe certificate is upside down',
    );
    await folder.remove();
  }, 60_000);

  it('stops what it has started when it is interrupted', async () => {
    const interrupt = new AbortController();
    const interruptAtApiServer = ({ step }: Progress) => {
      if (step === 'starting kube-apiserver') interrupt.abort(new Error('Ctrl-C'));
    };

    const start = startControlPlane({ binaries, signal: interrupt.signal, onProgress: interruptAtApiServer });

    await expect(start).rejects.toThrow('Ctrl-C');
  }, 60_000);
});

describe('a control plane whose program is killed', () => {
  (notLinux ? it.skip : it)(
    `leaves no process and no folder${because(notLinux)}`,
    async () => {
      const main = fileURLToPath(new URL('../control-plane/main.ts', import.meta.url));
      const started = Promise.withResolvers<string>();
      const program = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'ignore'] });
      createInterface({ input: program.stdout }).on('line', started.resolve);
      const directory = /^KUBECONFIG='?(.+)\/pki\/admin.kubeconfig'? /.exec(await started.promise)?.[1] ?? '';
      const before = await commandsThatName(directory);

      program.kill('SIGKILL');
      const left = async () => [...(await commandsThatName(directory)), ...(existsSync(directory) ? [directory] : [])];
      await eventually(async () => expect(await left()).toEqual([]) ?? true, { timeoutMs: 5_000 });

      const names = before.map((command) => basename(command.split(' ')[0] ?? ''));
      expect(names).toEqual(expect.arrayContaining(['etcd', 'kube-apiserver', 'kube-controller-manager']));
    },
    60_000,
  );
});

describe('a control plane in a network namespace', () => {
  let namespaceHolder: LeashedProcess | undefined;

  afterAll(() => namespaceHolder?.kill());

  (noNamespaces ? it.skip : it)(
    `is reached in there and not from outside${because(noNamespaces)}`,
    async () => {
      namespaceHolder = await holdNetworkNamespace();
      const networkNamespace = `/proc/${namespaceHolder.pid}/ns/net`;
      const controlPlane = await startControlPlane({ binaries, networkNamespace, signal });

      const inside = await controlPlane.kubectl(['get', '--raw', '/readyz']);
      const { networkNamespace: _, ...connection } = controlPlane;
      const outside = await openCluster(connection).kubectl(['get', '--raw', '/readyz']);
      await controlPlane.stop();

      expect(inside).toMatchObject({ code: 0, stdout: 'ok' });
      expect(outside.code).toBe(1);
      expect(outside.stderr).toMatch(/server 127\.0\.0\.1:6443 was refused/);
    },
    60_000,
  );
});

interface ConfigMap {
  metadata: { uid: string; resourceVersion: string };
}

async function createConfigMap(controlPlane: ControlPlane, namespace: string): Promise<ConfigMap['metadata']> {
  await controlPlane.kubectlOutput(['create', 'configmap', 'settings', '--namespace', namespace]);
  return metadataOf(controlPlane, namespace);
}

async function metadataOf(controlPlane: ControlPlane, namespace: string): Promise<ConfigMap['metadata']> {
  return (await controlPlane.get<ConfigMap>('configmap/settings', '--namespace', namespace)).metadata;
}

async function firstWatchEvent(controlPlane: ControlPlane, namespace: string, version: string): Promise<unknown> {
  const query = `watch=true&resourceVersion=${version}&timeoutSeconds=1`;
  const path = `/api/v1/namespaces/${namespace}/configmaps?${query}`;
  const events = await controlPlane.kubectlOutput(['get', '--raw', path]);
  return JSON.parse(events.split('\n')[0] ?? '');
}

/** The command lines of all processes of this machine that name a folder. Their own argument vectors: the folder is in them. */
async function commandsThatName(folder: string): Promise<string[]> {
  return [...(await readCommandLines()).values()].filter((command) => command.includes(folder));
}

/** Not `ip netns`: that would need a name for the namespace, which stays when this program is killed. */
async function holdNetworkNamespace(): Promise<LeashedProcess> {
  const ready = Promise.withResolvers<void>();
  const holder = await startProcess({
    command: 'unshare',
    args: ['--net', '--', '/bin/sh', '-c', 'ip link set lo up && echo ready && exec sleep 1000'],
    env: bareEnvironment('/'),
    onLine: () => ready.resolve(),
  });
  await Promise.race([ready.promise, holder.exited]);
  return holder;
}
