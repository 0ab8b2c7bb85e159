import { describe, expect, jest } from '@jest/globals';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { expectEventually } from '../product/expect-eventually.ts';
import { expectFiles } from '../product/expect-files.ts';
import { readVisibleTree } from '../product/folder-tree.ts';
import { complaints, logEntries, messages, type LogEntry } from '../product/log-entries.ts';
import {
  insideOf,
  preparePodSidecar,
  setReadOnly,
  type PodSidecar,
  type StartOptions,
} from '../product/pod-sidecar.ts';
import { scrape, sumOf } from '../product/scrape.ts';
import type { RunningSidecar } from '../product/sidecar-program.ts';
import { configMap } from '../product/test-objects.ts';
import { cluster, folder, inPod, running, unlessInPod, useCluster } from './use-cluster.ts';

useCluster();

// A fault of the file system is tried again with growing pauses, up to half a minute.
jest.setTimeout(60_000);

const labels = { dashboard: '1' };
const mended = 40_000;

const prepare = (): Promise<PodSidecar> => preparePodSidecar(cluster, { folder: folder.path });

async function start(
  pod: PodSidecar,
  env: Record<string, string> = {},
  how: StartOptions = {},
): Promise<RunningSidecar> {
  const program = await pod.start(env, how);
  running.push(program);
  return program;
}

/** Applies an object with a file of its name. */
function apply({ namespace }: PodSidecar, name: string, content: string): Promise<void> {
  return cluster.apply([configMap({ name, labels, data: { [name]: content } })], namespace);
}

function remove({ namespace }: PodSidecar, name: string): Promise<string> {
  return cluster.kubectlOutput(['delete', 'configmap', name, '--namespace', namespace]);
}

function faults(program: RunningSidecar): Promise<true> {
  const limits = { timeoutMs: 10_000 };
  return eventually(async () => sumOf(await scrape(program), 'sync_sidecar_faults') > 0, limits);
}

function firstError(program: RunningSidecar): LogEntry | undefined {
  return logEntries(program).find(({ level }) => level === 'ERROR');
}

describe(`the volume of a sidecar${unlessInPod}`, () => {
  inPod('that is full keeps the old files whole, and has the new ones once there is room', async () => {
    const pod = await prepare();
    await apply(pod, 'changes', 'old');
    await apply(pod, 'goes', 'goes');
    const program = await start(pod, {}, { volumeSize: '1m' });
    const files = insideOf(program, pod.files);
    fill(join(files, '.filler'));

    const long = 'new'.repeat(30_000);
    await apply(pod, 'changes', long);
    await apply(pod, 'comes', long);
    await faults(program);
    await remove(pod, 'goes');
    await expectFiles(files, { changes: 'old' });
    expect((await program.health('/readyz')).status).toBe(200);
    await expectEventually(() => firstError(program)?.err?.message, expect.stringContaining('ENOSPC'));
    rmSync(join(files, '.filler'));

    await expectFiles(files, { changes: long, comes: long }, mended);
    expect(sumOf(await scrape(program), 'sync_sidecar_faults')).toBe(0);
  });

  inPod('that is read-only is told as a fault, and mended once it is writable', async () => {
    const pod = await prepare();
    await apply(pod, 'changes', 'old');
    await apply(pod, 'goes', 'goes');
    const program = await start(pod, {}, { volumeSize: '1m' });
    const files = insideOf(program, pod.files);
    setReadOnly(program, pod.files, true);

    await apply(pod, 'changes', 'new');
    await remove(pod, 'goes');
    await faults(program);
    await expectFiles(files, { changes: 'old', goes: 'goes' });
    setReadOnly(program, pod.files, false);

    await expectFiles(files, { changes: 'new' }, mended);
    await expectEventually(() => firstError(program)?.err?.message, expect.stringContaining('EROFS'));
    await eventually(async () => sumOf(await scrape(program), 'sync_sidecar_faults') === 0, { timeoutMs: mended });
  });

  inPod(
    'that is a link which leads to no folder keeps the sidecar unready, with the reason, until it does',
    async () => {
      const pod = await prepare();
      await apply(pod, 'a', 'a');
      const target = join(folder.path, 'elsewhere');
      rmSync(pod.files, { recursive: true });
      // A link that leads nowhere yet.
      symlinkSync(target, pod.files);
      writeFileSync(target, 'no folder');

      const program = await start(pod, {}, { wait: false });
      const { status, body } = await eventually(
        async () => {
          const answer = await program.health('/startupz');
          return answer.body.includes("can't be opened") && answer;
        },
        { timeoutMs: 10_000 },
      );
      rmSync(target);
      mkdirSync(target);

      expect([status, body]).toEqual([503, expect.stringContaining(`sync: FOLDER ${pod.files} can't be opened: `)]);
      await expectFiles(target, { a: 'a' }, mended);
      await eventually(async () => (await program.health('/startupz')).status === 200, { timeoutMs: mended });
      expect(readlinkSync(pod.files)).toBe(target);
    },
  );

  inPod('may belong to uid 65534 without any capability, below a read-only root', async () => {
    const pod = await prepare();
    await apply(pod, 'a', '1');
    const program = await start(
      pod,
      { DEFAULT_FILE_MODE: '640' },
      { uid: 65534, volumeSize: '1m', readOnlyRoot: true },
    );
    const files = insideOf(program, pod.files);
    await apply(pod, 'a', '2');
    await expectFiles(files, { a: '2' });

    const { uid, gid, mode } = statSync(join(files, 'a'));
    expect([uid, gid, mode & 0o777]).toEqual([65534, 65534, 0o640]);
    expect(complaints(program)).toEqual([]);
    await apply(pod, 'b', 'b');
    await remove(pod, 'a');
    await expectFiles(files, { b: 'b' });
  });

  inPod('that an init container has filled with METHOD=LIST is taken over as it is', async () => {
    const pod = await prepare();
    for (const name of ['stays', 'goes']) await apply(pod, name, name);
    const init = await start(pod, { METHOD: 'LIST', HEALTH_PORT: '0' }, { wait: false });
    expect(await init.exited).toEqual({ code: 0, signal: null });
    await remove(pod, 'goes');

    const sidecar = await start(pod);

    await expectFiles(pod.files, { stays: 'stays' });
    expect(messages(sidecar).filter((message) => message.startsWith('Writing'))).toEqual([]);
  });

  inPod('keeps its files where objects change their shape, and what is not ours', async () => {
    const pod = await prepare();
    const { namespace, files } = pod;
    const outside = join(folder.path, 'outside');
    mkdirSync(outside);
    symlinkSync(outside, join(files, 'link'));
    writeFileSync(join(files, 'foreign'), 'not ours');
    const shape = (folderAnnotation: string, more: object): object =>
      configMap({ name: 'a', labels, annotations: { 'k8s-sidecar-target-directory': folderAnnotation }, ...more });
    const write = async (object: object): Promise<void> => {
      // Not `apply`: it would keep the data beside the binaryData.
      const input = JSON.stringify(object);
      await cluster.kubectlOutput(['replace', '--namespace', namespace, '--filename', '-'], { input });
    };
    await cluster.apply([shape('sub/deep', { data: { a: 'content' } })], namespace);
    const program = await start(pod);
    const foreign = { foreign: 'not ours' };
    await expectFiles(files, { ...foreign, 'sub/deep/a': 'content' });
    const inode = statSync(join(files, 'sub/deep/a')).ino;

    await write(shape('sub/deep/', { binaryData: { a: Buffer.from('content').toString('base64') } }));
    await write(shape('./sub//deep', { data: { a: 'content', b: 'b' } }));
    await expectFiles(files, { ...foreign, 'sub/deep/a': 'content', 'sub/deep/b': 'b' });
    expect(statSync(join(files, 'sub/deep/a')).ino).toBe(inode);

    await write(shape('../escaped', { data: { a: 'content' } }));
    await eventually(() => messages(program).some((message) => message.startsWith('not synced')), {
      timeoutMs: 10_000,
    });
    await write(shape('link', { data: { a: 'content' } }));
    await faults(program);
    expect(readVisibleTree(outside)).toEqual({});
    expect(() => statSync(join(files, '../escaped'))).toThrow('ENOENT');

    await write(shape('other', { data: { a: 'content' } }));
    await expectFiles(files, { ...foreign, 'other/a': 'content' });
    expect(() => statSync(join(files, 'sub'))).toThrow('ENOENT');
    await remove(pod, 'a');
    await expectFiles(files, foreign);
    expect(() => statSync(join(files, 'other'))).toThrow('ENOENT');
    expect(readlinkSync(join(files, 'link'))).toBe(outside);
  });
});

describe(`the surroundings of a sidecar${unlessInPod}`, () => {
  inPod('may have its health port: an error in the log, fatal only with HEALTH_REQUIRED', async () => {
    const pod = await prepare();
    await apply(pod, 'a', 'a');
    const taken = createServer().listen(0);
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    try {
      const env = { HEALTH_PORT: String(port) };
      const program = await start(pod, env, { wait: false });
      const strict = await start(pod, { ...env, HEALTH_REQUIRED: 'true' }, { wait: false });

      expect(await strict.exited).toEqual({ code: 1, signal: null });
      await expectFiles(pod.files, { a: 'a' });
      const message = `the health server can't listen on port ${port}`;
      await expectEventually(() => firstError(program)?.msg, message);
      expect(logEntries(strict).at(-1)).toMatchObject({ level: 'CRITICAL', msg: message });
      await apply(pod, 'b', 'b');
      await expectFiles(pod.files, { a: 'a', b: 'b' });
    } finally {
      taken.close();
    }
  });

  inPod('may have environment variables that nobody knows, and service links', async () => {
    const pod = await prepare();
    await apply(pod, 'a', 'a');

    const program = await start(pod, {
      LABLE: 'a near miss',
      GRAFANA_PORT: 'tcp://10.0.0.1:80',
      GRAFANA_SERVICE_HOST: '10.0.0.1',
      GRAFANA__SOMETHING: 'x',
      PYTHONUNBUFFERED: '1',
    });

    await expectFiles(pod.files, { a: 'a' });
    const warnings = logEntries(program).filter(({ level }) => level !== 'INFO');
    expect(warnings.map(({ level, msg }) => [level, msg])).toEqual([['WARNING', expect.stringContaining('LABLE')]]);
  });

  inPod('may have no port to spare: HEALTH_PORT=0 turns the server off', async () => {
    const pod = await prepare();
    await apply(pod, 'a', 'a');

    const program = await start(pod, { HEALTH_PORT: '0' }, { wait: false });
    await expectFiles(pod.files, { a: 'a' });

    expect(messages(program).filter((message) => message.includes('health'))).toEqual([]);
    expect(listeningSockets(program)).toBe(0);
  });
});

/** Takes all room that there is. */
function fill(path: string): void {
  expect(() => {
    for (let size = 64 * 1024; ;) writeFileSync(path, Buffer.alloc(size), { flag: 'a' });
  }).toThrow('ENOSPC');
}

/** How many of a process's sockets listen, by /proc. */
function listeningSockets({ pid }: { readonly pid: number }): number {
  const listening = '0A';
  const tables = ['tcp', 'tcp6'].map((name) => readFileSync(`/proc/${pid}/net/${name}`, 'utf8'));
  const inodes = tables.flatMap((table) =>
    table
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state]) => state === listening)
      .map((fields) => fields[9]),
  );
  return inodes.filter((inode) => ownSockets(pid).includes(`socket:[${inode}]`)).length;
}

function ownSockets(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).map((name) => readlinkSync(`/proc/${pid}/fd/${name}`));
}
