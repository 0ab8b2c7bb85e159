import { afterEach, describe, expect, jest } from '@jest/globals';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { expectEventually } from '../product/expect-eventually.ts';
import { expectFiles } from '../product/expect-files.ts';
import { messages } from '../product/log-entries.ts';
import { preparePodSidecar, type PodSidecar } from '../product/pod-sidecar.ts';
import { scrape, sumOf } from '../product/scrape.ts';
import type { RunningSidecar } from '../product/sidecar-program.ts';
import { configMap } from '../product/test-objects.ts';
import type { Break, TcpProxy } from '../tcp-proxy.ts';
import { cluster, folder, inPod, running, unlessInPod, useCluster } from './use-cluster.ts';
import { startProxy } from './use-proxy.ts';

useCluster();

// The longest wait in here is for a watch that has gone silent: 45 s.
jest.setTimeout(90_000);

const proxies: TcpProxy[] = [];

afterEach(async () => {
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
});

const labels = { dashboard: '1' };

// Nothing here is about how long pauses are.
const impatient = { ERROR_THROTTLE_SLEEP: '100ms', LOG_LEVEL: 'DEBUG' };

/** Long enough that sending it once more would be seen in the bytes. */
const long = (start: string): string => start.padEnd(50_000, '.');

async function prepare(): Promise<{ pod: PodSidecar; proxy: TcpProxy }> {
  const proxy = await startProxy();
  proxies.push(proxy);
  return { proxy, pod: await preparePodSidecar(cluster, { folder: folder.path, port: proxy.port }) };
}

async function start(pod: PodSidecar, env: Record<string, string> = {}, wait?: false): Promise<RunningSidecar> {
  const program = await pod.start({ ...impatient, ...env }, wait === false ? { wait } : {});
  running.push(program);
  return program;
}

function apply({ namespace }: PodSidecar, contents: Record<string, string>): Promise<void> {
  const objects = Object.entries(contents).map(([name, text]) => configMap({ name, labels, data: { [name]: text } }));
  return cluster.apply(objects, namespace);
}

function remove({ namespace }: PodSidecar, name: string): Promise<string> {
  return cluster.kubectlOutput(['delete', 'configmap', name, '--namespace', namespace]);
}

function logged(program: RunningSidecar, message: string): Promise<true> {
  return eventually(() => messages(program).includes(message), { timeoutMs: 15_000, intervalMs: 20 });
}

/** How often each file was written. */
function writes(program: RunningSidecar): Record<string, number> {
  const paths = messages(program).filter((message) => message.startsWith('Writing '));
  const counts: Record<string, number> = {};
  for (const name of paths.map((path) => path.replace(/^.*\//, '').replace(/\W.*$/, '')))
    counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

describe(`a sidecar in a pod, with a bad network to the API server${unlessInPod}`, () => {
  inPod('notices a connection that has gone silent, resumes, and is sent nothing again', async () => {
    const { pod, proxy } = await prepare();
    await apply(pod, { stays: long('s'), changes: 'old', goes: 'goes' });
    const program = await start(pod, { WATCH_CLIENT_TIMEOUT: '2s' });
    await logged(program, 'watch resumed: ended');
    const before = proxy.bytes.toClient;
    // What comes by the watch shows that there is one.
    await apply(pod, { changes: 'newer' });
    await expectFiles(pod.files, { stays: long('s'), changes: 'newer', goes: 'goes' });

    proxy.freeze('open');
    await apply(pod, { changes: 'new' });
    await remove(pod, 'goes');
    // WATCH_CLIENT_TIMEOUT; should a new watch have been asked for just now, the 30 s that an answer may take.
    await expectFiles(pod.files, { stays: long('s'), changes: 'new' }, 45_000);

    await logged(program, 'watch resumed: timeout');
    await expectEventually(() => writes(program), { stays: 1, changes: 3, goes: 1 });
    expect(proxy.bytes.toClient - before).toBeLessThan(50_000);
    const samples = await scrape(program);
    expect(sumOf(samples, 'sync_sidecar_relists_total')).toBe(0);
    expect(sumOf(samples, 'sync_sidecar_reconnects_total')).toBeGreaterThan(0);
    expect((await program.health('/readyz')).status).toBe(200);
  });

  inPod('resumes a watch that breaks off in the middle of an event, by RST, by FIN or in rubbish', async () => {
    const { pod, proxy } = await prepare();
    await apply(pod, { stays: long('s'), a: 'a' });
    const program = await start(pod);

    for (const [turn, how] of (['reset', 'end', 'rubbish'] satisfies Break[]).entries()) {
      const before = proxy.accepted;
      proxy.cutAfter(10_000, how);
      await apply(pod, { a: long(how) });
      await expectFiles(pod.files, { stays: long('s'), a: long(how) });
      expect(proxy.accepted).toBeGreaterThan(before);
      await expectEventually(() => writes(program), { stays: 1, a: turn + 2 });
    }
    expect(sumOf(await scrape(program), 'sync_sidecar_relists_total')).toBe(0);
  });

  inPod('removes nothing because of a list that breaks off in the middle, and has the whole one soon', async () => {
    const { pod, proxy } = await prepare();
    const contents = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, long(name)]));
    await apply(pod, contents);
    const program = await start(pod, { METHOD: 'SLEEP', SLEEP_TIME: '200ms', LIST_PAGE_SIZE: '2' });
    const failures = async (): Promise<number> => sumOf(await scrape(program), 'sync_sidecar_api_failures_total');

    for (const how of ['reset', 'end', 'rubbish'] satisfies Break[]) {
      const before = await failures();
      const isBroken = async (): Promise<boolean> => {
        if ((await failures()) > before) return true;
        // In the second of two pages; once more should it have met the end of a list.
        if (!proxy.isBreaking) proxy.cutAfter(130_000, how);
        return false;
      };
      await eventually(isBroken, { timeoutMs: 20_000, intervalMs: 20 });
      await expectFiles(pod.files, contents);
      await eventually(async () => (await program.health('/readyz')).body === 'OK', { timeoutMs: 10_000 });
    }
    await remove(pod, 'a');
    delete contents.a;
    await expectFiles(pod.files, contents);
    const removals = (): number => messages(program).filter((message) => message.startsWith('Removing')).length;
    await expectEventually(removals, 1);
    await expectEventually(() => writes(program), { a: 1, b: 1, c: 1, d: 1 });
  });

  inPod('misses nothing that happens while no connection can be made', async () => {
    const { pod, proxy } = await prepare();
    await apply(pod, { stays: long('s'), changes: 'old', goes: 'goes' });
    const program = await start(pod);

    await proxy.refuse();
    await apply(pod, { changes: 'new', comes: 'comes' });
    await remove(pod, 'goes');
    const stale = await eventually(
      async () => {
        const { status, body } = await program.health('/readyz');
        return status === 200 && /stale since .*ECONNREFUSED/.test(body);
      },
      { timeoutMs: 10_000 },
    );
    await proxy.accept();

    await expectFiles(pod.files, { stays: long('s'), changes: 'new', comes: 'comes' });
    expect(stale).toBe(true);
    expect(sumOf(await scrape(program), 'sync_sidecar_relists_total')).toBe(0);
    await expectEventually(() => writes(program), { stays: 1, changes: 2, goes: 1, comes: 1 });
    await eventually(async () => (await program.health('/readyz')).body === 'OK', { timeoutMs: 10_000 });
  });

  inPod('killed while the API server is away, says 200 on /startupz at once, and catches up later', async () => {
    const { pod, proxy } = await prepare();
    await apply(pod, { stays: long('s'), goes: 'goes' });
    const first = await start(pod);
    await proxy.refuse();
    await first.kill();
    await remove(pod, 'goes');

    const second = await start(pod, {}, false);
    // The first answer at all: nothing is waited for but the port.
    const startup = await eventually(() => second.health('/startupz'), { timeoutMs: 10_000, intervalMs: 5 });
    const [ready, alive] = [await second.health('/readyz'), await second.health('/livez')];
    await expectFiles(pod.files, { stays: long('s'), goes: 'goes' });
    await proxy.accept();

    expect([startup.status, ready.status, alive.status]).toEqual([200, 503, 200]);
    await expectFiles(pod.files, { stays: long('s') });
    await expectEventually(() => writes(second), {});
    expect((await second.health('/readyz')).status).toBe(200);
  });

  inPod('opens one stream for two syncs that select the same, and a fault of one is none of the other', async () => {
    const { pod, proxy } = await prepare();
    await apply(pod, { a: 'a' });
    await cluster.apply([configMap({ name: 'b', labels: { other: '1' }, data: { b: 'b' } })], pod.namespace);
    const [one, two] = ['one', 'two'].map((name) => join(pod.files, name)) as [string, string];
    const syncs = { SYNCS: 'one,two', ONE__FOLDER: one, TWO__FOLDER: two };
    // Stands where FOLDER of the second one should be.
    writeFileSync(two, '');

    const same = await start(pod, syncs, false);
    await expectFiles(one, { a: 'a' });
    await apply(pod, { a: 'changed' });
    await expectFiles(one, { a: 'changed' });
    expect((await same.health('/startupz')).body).toMatch(/^two: FOLDER .* can't be opened/);
    rmSync(two);
    await expectFiles(two, { a: 'changed' });
    expect((await same.health('/startupz')).status).toBe(200);
    await eventually(() => proxy.open === 1, { timeoutMs: 5000 });

    await same.stop();
    await start(pod, { ...syncs, TWO__LABEL: 'other' });
    await expectFiles(two, { a: 'changed', b: 'b' });
    // What another source left is somebody else's.
    await eventually(() => proxy.open === 2, { timeoutMs: 5000 });
  });
});
