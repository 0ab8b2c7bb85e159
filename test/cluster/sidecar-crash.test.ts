import { afterAll, beforeAll, describe, expect, jest } from '@jest/globals';
import { EventEmitter, once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../../shared/kubernetes/api-client.ts';
import type { Cluster } from '../control-plane/cluster.ts';
import { bareEnvironment, startProcess, type LeashedProcess } from '../control-plane/leashed-process.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../control-plane/temporary-folder.ts';
import { eventually } from '../eventually.ts';
import { adminClient, configMapPath } from '../product/admin-client.ts';
import { contentOf, startBusyReader } from '../product/busy-reader.ts';
import { readVisibleTree } from '../product/folder-tree.ts';
import { preparePodSidecar, type PodSidecar } from '../product/pod-sidecar.ts';
import { copyProgram, readRuntime, type Runtime } from '../product/program.ts';
import { configMap } from '../product/test-objects.ts';
import { connectCluster } from './cluster.ts';
import { inPod, unlessInPod } from './use-cluster.ts';

// 300 starts of a process, on a busy machine.
jest.setTimeout(240_000);

let cluster: Cluster;
let client: ApiClient;
let folder: TemporaryFolder;
const running: LeashedProcess[] = [];

beforeAll(async () => {
  cluster = await connectCluster();
  client = adminClient(cluster);
  folder = await createTemporaryFolder('sync-sidecar-test-');
});

afterAll(async () => {
  await Promise.all(running.map((program) => program.kill()));
  client.close();
  await folder.remove();
});

const kills = 300;
// Two sidecars use both cores of a small machine.
const sidecars = 2;
const objects = 5;
const keysPerObject = 12;
const labels = { dashboard: '1' };

/** The objects of one version: 60 files of the same names each time, and one of a name of its own. */
function objectsOf(version: number): { name: string; body: object }[] {
  const content = contentOf(version);
  const stable = Array.from({ length: objects }, (_, object) => {
    const keys = Array.from({ length: keysPerObject }, (_, key) => [`file-${object}-${key}`, content] as const);
    return {
      name: `stable-${object}`,
      body: configMap({ name: `stable-${object}`, labels, data: Object.fromEntries(keys) }),
    };
  });
  const name = `passing-${version}`;
  return [...stable, { name, body: configMap({ name, labels, data: { [name]: content } }) }];
}

/** The paths of one version, each with this version. */
function filesOf(version: number): Record<string, number> {
  const paths = objectsOf(version).flatMap(({ body }) => Object.keys((body as { data: object }).data));
  return Object.fromEntries(paths.map((path) => [path, version]));
}

/** The paths of a folder, each with the version of its content; what is not whole has none. */
function versionsIn(files: string): Record<string, number> {
  const versions = Object.entries(readVisibleTree(files)).map(([path, content]): [string, number] => {
    const version = Number(content.slice(0, 8));
    return [path, content === contentOf(version) ? version : NaN];
  });
  return Object.fromEntries(versions);
}

async function untilVersion(files: string, version: number): Promise<void> {
  const limits = { timeoutMs: 20_000 };
  await eventually(() => Object.values(versionsIn(files)).every((one) => one === version), limits).catch(
    () => undefined,
  );
  expect(versionsIn(files)).toEqual(filesOf(version));
}

/** Makes one version of the last one's objects. */
async function put(namespace: string, version: number): Promise<void> {
  await Promise.all(
    objectsOf(version).map(({ name, body }) => {
      const isNew = version === 0 || name.startsWith('passing');
      const path = configMapPath(namespace, isNew ? undefined : name);
      return client.request({ method: isNew ? 'POST' : 'PUT', path, body });
    }),
  );
  if (version === 0) return;
  await client.request({ method: 'DELETE', path: configMapPath(namespace, `passing-${version - 1}`) });
}

interface Kills {
  killed: number;
  /** Those after which an object's files were of different versions. */
  inTheMiddle: number;
}

/** Starts sidecars one after the other and kills each at a random moment, `times` times; answers what came of it. */
async function killAgainAndAgain(pod: PodSidecar, runtime: Runtime, times: number): Promise<Kills> {
  // One set of mounts for all of them.
  const holder = await startListening([...pod.wrap(), 'sh', '-c', 'echo mounted; exec sleep infinity']);
  await holder.said('mounted');
  const env = { ...runtime.env, ...pod.env, HEALTH_PORT: '0', ERROR_THROTTLE_SLEEP: '20ms' };
  const kills: Kills = { killed: 0, inTheMiddle: 0 };
  try {
    while (kills.killed < times) {
      const sidecar = await startInside(holder, runtime.flags, env);
      // One in four while it gets ready, the others while it writes.
      await Promise.race([sidecar.said(Math.random() < 0.25 ? 'Starting' : 'Writing'), sidecar.exited]);
      await sleep(Math.random() * 50);
      expect(await sidecar.kill()).toEqual({ code: null, signal: 'SIGKILL' });
      kills.killed++;
      if (isInTheMiddle(pod.files)) kills.inTheMiddle++;
    }
  } finally {
    await holder.kill();
  }
  return kills;
}

/** Whether files of one object, which are written one after the other, are of different versions. */
function isInTheMiddle(files: string): boolean {
  const versions = Object.entries(versionsIn(files));
  return Array.from({ length: objects }, (_, object) => {
    const own = versions.filter(([path]) => path.startsWith(`file-${object}-`));
    return new Set(own.map(([, version]) => version)).size > 1;
  }).some(Boolean);
}

interface Audible extends LeashedProcess {
  /** Resolves when it has printed a line with this word in it. */
  readonly said: (word: string) => Promise<void>;
}

function startInside(holder: LeashedProcess, node: readonly string[], env: Record<string, string>): Promise<Audible> {
  return startListening(['nsenter', `--mount=/proc/${holder.pid}/ns/mnt`, process.execPath, ...node], env);
}

async function startListening([command = '', ...args]: string[], env = {}): Promise<Audible> {
  const lines: string[] = [];
  const news = new EventEmitter();
  const started = await startProcess({
    command,
    args,
    env: { ...bareEnvironment('/'), ...env },
    onLine: (line) => {
      lines.push(line);
      news.emit('line');
    },
  });
  const said = async (word: string): Promise<void> => {
    while (!lines.some((line) => line.includes(word))) await once(news, 'line');
  };
  return { ...started, said };
}

describe(`the sidecar${unlessInPod}`, () => {
  inPod(
    `leaves old or new content when it is killed, ${kills} times while 60 files are rewritten under a reader, and nothing else`,
    async () => {
      const namespace = await cluster.createNamespace('crash');
      const pods: PodSidecar[] = [];
      // One after the other: each applies the same ServiceAccount.
      for (let n = 0; n < sidecars; n++) {
        pods.push(await preparePodSidecar(cluster, { namespace, folder: join(folder.path, String(n)) }));
      }
      const { env, flags } = await readRuntime('sidecar');
      const runtime = { env, flags: [...flags, await copyProgram('sidecar', folder.path)] };
      let version = 0;
      await put(namespace, version);
      let killing = true;
      const reader = await startBusyReader(pods.map(({ files }) => files));
      const writer = (async () => {
        while (killing) await put(namespace, ++version);
      })();

      const caught = await Promise.all(pods.map((pod) => killAgainAndAgain(pod, runtime, kills / sidecars))).finally(
        () => {
          killing = false;
        },
      );
      await writer;
      const { reads, partial } = await reader.stop();

      running.push(...(await Promise.all(pods.map((pod) => pod.start()))));
      for (const { files } of pods) await untilVersion(files, version);
      const hidden = pods.map(({ files }) => readdirSync(files).filter((name) => name.startsWith('.')));
      const killed = caught.reduce((sum, one) => sum + one.killed, 0);
      expect({ killed, partial, hidden }).toEqual({
        killed: kills,
        partial: [],
        hidden: pods.map(() => [expect.stringMatching(/^\.sync-sidecar\.[0-9a-f]{12}$/)]),
      });
      // Else the test would show nothing.
      expect(Math.min(version, reads, ...caught.map(({ inTheMiddle }) => inTheMiddle))).toBeGreaterThan(10);
    },
  );
});
