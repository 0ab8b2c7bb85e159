import { describe, expect, jest } from '@jest/globals';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { adminClient, configMapPath } from '../product/admin-client.ts';
import { expectFiles } from '../product/expect-files.ts';
import { logEntries, messages } from '../product/log-entries.ts';
import { startNotificationReceiver } from '../product/notification-receiver.ts';
import { preparePodSidecar, type PodSidecar } from '../product/pod-sidecar.ts';
import { scrape } from '../product/scrape.ts';
import type { RunningSidecar } from '../product/sidecar-program.ts';
import { configMap } from '../product/test-objects.ts';
import { cluster, folder, inPod, running, unlessInPod, useCluster } from './use-cluster.ts';
import { receiver, useReceiver } from './use-receiver.ts';

useCluster('kill');
useReceiver();

jest.setTimeout(60_000);

const labels = { dashboard: '1' };
const prepare = (): Promise<PodSidecar> => preparePodSidecar(cluster, { folder: folder.path });

async function start(pod: PodSidecar, env: Record<string, string>, wait?: false): Promise<RunningSidecar> {
  const program = await pod.start(env, wait === false ? { wait } : {});
  running.push(program);
  return program;
}

/** Applies an object with a file of its name. */
function apply({ namespace }: PodSidecar, name: string, content = name): Promise<void> {
  return cluster.apply([configMap({ name, labels, data: { [name]: content } })], namespace);
}

function remove({ namespace }: PodSidecar, name: string): Promise<string> {
  return cluster.kubectlOutput(['delete', 'configmap', name, '--namespace', namespace]);
}

function notified(times: number): Promise<true> {
  return eventually(() => receiver.notifications.length >= times, { timeoutMs: 20_000, intervalMs: 10 });
}

/** What `/metrics` says of notifications. */
async function told(program: RunningSidecar): Promise<{ pending: unknown; success: unknown; failure: unknown }> {
  const samples = await scrape(program);
  const outcome = (name: string): unknown =>
    samples.get(`sync_sidecar_notifications_total{sync="sync",channel="REQ_URL",outcome="${name}"}`);
  const pending = samples.get('sync_sidecar_notification_pending{sync="sync"}');
  return { pending, success: outcome('success'), failure: outcome('failure') };
}

async function untilTold(program: RunningSidecar): Promise<void> {
  await eventually(async () => (await told(program)).pending === 0, { timeoutMs: 20_000, intervalMs: 20 });
}

/** A script for SCRIPT; what it prints to fd 3 is what `lines` reads. */
function writeScript(pod: PodSidecar, body: string): { path: string; lines: () => string[] } {
  const base = join(folder.path, pod.namespace);
  const output = join(base, 'told');
  writeFileSync(join(base, 'script.sh'), `exec 3>>'${output}'\n${body}\n`);
  const lines = (): string[] => (existsSync(output) ? readFileSync(output, 'utf8').split('\n').slice(0, -1) : []);
  return { path: join(base, 'script.sh'), lines };
}

describe(`REQ_URL${unlessInPod}`, () => {
  inPod(
    'that hangs, refuses or is gone is tried past the quick retries until it takes it; files never wait',
    async () => {
      const pod = await prepare();
      await apply(pod, 'a');
      receiver.answer = 'none';
      const program = await start(pod, {
        REQ_URL: receiver.url,
        REQ_METHOD: 'POST',
        REQ_PAYLOAD: '{"reload": "{{written}}"}',
        REQ_TIMEOUT: '500ms',
        REQ_RETRY_TOTAL: '1',
        NOTIFY_SLOW_RETRY: '100ms',
        NOTIFY_QUIET: '50ms',
      });
      await notified(1);
      await apply(pod, 'b');
      await expectFiles(pod.files, { a: 'a', b: 'b' });
      // The timeout of the first try is not over when these files are there; more than the quick retries follow.
      await notified(4);

      receiver.answer = 403;
      const before = receiver.notifications.length;
      await notified(before + 4);
      expect(await told(program)).toEqual({ pending: 1, success: 0, failure: expect.any(Number) });

      receiver.answer = 200;
      await untilTold(program);
      const tries = receiver.notifications.length;
      expect(await told(program)).toEqual({ pending: 0, success: 1, failure: tries - 1 });
      expect(messages(program)).toContain(`Max retries exceeded for URL ${new URL(receiver.url).origin}/***`);
      for (const { method, body } of receiver.notifications) {
        expect([method, JSON.parse(body)]).toEqual(['POST', { reload: '{{written}}' }]);
      }
      await apply(pod, 'c');
      await notified(tries + 1);
      await untilTold(program);
      expect(receiver.notifications).toHaveLength(tries + 1);
    },
  );

  inPod('that is not there yet is called once it is', async () => {
    const pod = await prepare();
    await apply(pod, 'a');
    const late = await startNotificationReceiver();
    await late.close();
    const env = { REQ_URL: late.url, REQ_RETRY_TOTAL: '0', NOTIFY_SLOW_RETRY: '100ms', NOTIFY_QUIET: '0' };
    const program = await start(pod, env);
    await eventually(async () => Number((await told(program)).failure) > 2, { timeoutMs: 10_000 });

    const there = await startNotificationReceiver(Number(new URL(late.url).port));
    try {
      await untilTold(program);
      expect(there.notifications).toHaveLength(1);
    } finally {
      await there.close();
    }
  });

  inPod('is called a few times for a burst of 100 objects, and last when all files are there', async () => {
    const pod = await prepare();
    const program = await start(pod, { REQ_URL: receiver.url });
    const client = adminClient(cluster);
    const path = configMapPath(pod.namespace);
    const names = Array.from({ length: 100 }, (_, index) => `object-${index}`);
    try {
      await Promise.all(
        names.map((name) =>
          client.request({ method: 'POST', path, body: configMap({ name, labels, data: { [name]: name } }) }),
        ),
      );
    } finally {
      client.close();
    }

    await expectFiles(pod.files, Object.fromEntries(names.map((name) => [name, name])));
    await notified(1);
    await untilTold(program);
    expect(receiver.notifications.length).toBeLessThanOrEqual(5);
  });

  inPod('is called once for each object with NOTIFY_PER_EVENT', async () => {
    const pod = await prepare();
    const program = await start(pod, { REQ_URL: receiver.url, NOTIFY_PER_EVENT: 'true' });
    await untilTold(program);
    const before = receiver.notifications.length;

    const objects = ['a', 'b', 'c', 'd'].map((name) => configMap({ name, labels, data: { [name]: name } }));
    await cluster.apply(objects, pod.namespace);

    await notified(before + 4);
    await untilTold(program);
    expect(receiver.notifications.length - before).toBe(4);
  });
});

describe(`SCRIPT${unlessInPod}`, () => {
  inPod('is told exactly what has changed, and after a failure of the earlier changes too', async () => {
    const pod = await prepare();
    const flag = join(folder.path, pod.namespace, 'fails');
    const { path, lines } = writeScript(
      pod,
      `if [ -e '${flag}' ]; then echo 'no, not now' >&2; exit 3; fi
       cat "$SYNC_CHANGES_FILE" >&3; echo >&3`,
    );
    const file = (name: string): string => join(pod.files, name);
    const object = (name: string): string => `configmap/${pod.namespace}/${name}`;
    const change = (written: string[], removed: string[], objects: string[]): object => ({
      sync: 'sync',
      complete: true,
      written: written.map(file),
      removed: removed.map(file),
      objects: objects.map(object),
    });
    const changes = async (count: number): Promise<object[]> => {
      await eventually(() => lines().length >= count, { timeoutMs: 20_000, intervalMs: 10 });
      return lines().map((line) => JSON.parse(line) as object);
    };
    await apply(pod, 'a');
    const env = { SCRIPT: path, REQ_RETRY_TOTAL: '0', NOTIFY_SLOW_RETRY: '100ms', NOTIFY_QUIET: '100ms' };
    const program = await start(pod, { ...env, REQ_URL: receiver.url });
    expect(await changes(1)).toEqual([change(['a'], [], ['a'])]);
    await notified(1);

    await apply(pod, 'a', 'changed');
    expect((await changes(2))[1]).toEqual(change(['a'], [], ['a']));

    writeFileSync(flag, '');
    const before = receiver.notifications.length;
    await apply(pod, 'b');
    await eventually(() => program.log().includes('no, not now'), { timeoutMs: 10_000 });
    // A script that fails keeps nobody else from being told.
    await notified(before + 1);
    await remove(pod, 'a');
    await expectFiles(pod.files, { b: 'b' });
    await notified(before + 2);
    await program.kill();
    await apply(pod, 'c');
    rmSync(flag);
    const after = await start(pod, env);

    // What the killed one knew is lost; that there was something is not. It may be told before what the first list brings.
    const [first, second] = (await changes(3)).slice(2) as [{ written: string[] }, object?];
    const tellsAll = first.written.length > 0;
    expect(first).toEqual({ ...(tellsAll ? change(['c'], [], ['c']) : change([], [], [])), complete: false });
    if (!tellsAll) expect(second ?? (await changes(4))[3]).toEqual(change(['c'], [], ['c']));
    const told = tellsAll ? 3 : 4;
    await remove(pod, 'b');
    expect((await changes(told + 1))[told]).toEqual(change([], ['b'], ['b']));
    await untilTold(after);
    expect(lines()).toHaveLength(told + 1);
  });

  inPod('that hangs is ended after SCRIPT_TIMEOUT with all that it started; files never wait', async () => {
    const pod = await prepare();
    const { path, lines } = writeScript(pod, 'sleep 1000 & echo $! >&3; wait');
    const program = await start(pod, {
      SCRIPT: path,
      SCRIPT_TIMEOUT: '1s',
      REQ_RETRY_TOTAL: '0',
      NOTIFY_QUIET: '0',
    });
    await apply(pod, 'a');
    await eventually(() => lines().length > 0, { timeoutMs: 10_000 });
    await apply(pod, 'b');
    await expectFiles(pod.files, { a: 'a', b: 'b' });

    await eventually(() => messages(program).includes(`Script failed with error: ${path}`), { timeoutMs: 10_000 });
    await eventually(() => !existsSync(`/proc/${lines()[0]}`), { timeoutMs: 10_000 });
  });
});

describe(`SIGTERM${unlessInPod}`, () => {
  inPod('ends an idle sidecar with exit code 0, also as PID 1', async () => {
    const pod = await prepare();
    await apply(pod, 'a');
    const idle = await start(pod, { REQ_URL: receiver.url, NOTIFY_QUIET: '0' });
    await notified(1);
    // A hang would be ended by SIGKILL after these 5 s.
    expect(await idle.stop('SIGTERM', 5000)).toEqual({ code: 0, signal: null });

    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const first = await pod.start({}, { pidNamespace: true });
      running.push(first);
      process.kill(childOf(first.pid), signal);
      expect(await first.exited).toEqual({ code: 0, signal: null });
    }
  });

  inPod('tells first what is pending', async () => {
    const pod = await prepare();
    await apply(pod, 'a');
    const program = await start(pod, { REQ_URL: receiver.url, NOTIFY_QUIET: '1h', NOTIFY_MAX_WAIT: '1h' });
    expect(await told(program)).toEqual({ pending: 1, success: 0, failure: 0 });

    expect(await program.stop('SIGTERM', 5000)).toEqual({ code: 0, signal: null });

    expect(receiver.notifications).toHaveLength(1);
    const again = await start(pod, { REQ_URL: receiver.url, NOTIFY_QUIET: '0' });
    await untilTold(again);
    expect(receiver.notifications).toHaveLength(1);
  });

  inPod('waits no longer than SHUTDOWN_TIMEOUT for a target that hangs, and the next start tells it', async () => {
    const pod = await prepare();
    await apply(pod, 'a');
    receiver.answer = 'none';
    const env = { REQ_URL: receiver.url, NOTIFY_QUIET: '0', REQ_TIMEOUT: '1h' };
    const program = await start(pod, { ...env, SHUTDOWN_TIMEOUT: '300ms' });
    await notified(1);

    expect(await program.stop('SIGTERM', 10_000)).toEqual({ code: 0, signal: null });
    receiver.answer = 200;
    const again = await start(pod, env);

    await untilTold(again);
    expect(await told(again)).toEqual({ pending: 0, success: 1, failure: 0 });
    expect(logEntries(again).filter(({ msg }) => msg.startsWith('Writing'))).toEqual([]);
  });
});

/** The only child of a process. */
function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
}
