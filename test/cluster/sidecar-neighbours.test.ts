import { describe, expect, jest } from '@jest/globals';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { expectEventually } from '../product/expect-eventually.ts';
import { expectFiles } from '../product/expect-files.ts';
import { messages } from '../product/log-entries.ts';
import { startNotificationReceiver } from '../product/notification-receiver.ts';
import { preparePodSidecar, type PodSidecar } from '../product/pod-sidecar.ts';
import type { RunningSidecar } from '../product/sidecar-program.ts';
import { configMap } from '../product/test-objects.ts';
import { cluster, folder, inPod, running, unlessInPod, useCluster } from './use-cluster.ts';
import { receiver, useReceiver } from './use-receiver.ts';

useCluster();
useReceiver();

// Who takes over a path looks now and then whether its owner is alive.
jest.setTimeout(120_000);

const prepare = (): Promise<PodSidecar> => preparePodSidecar(cluster, { folder: folder.path });

async function start(pod: PodSidecar, env: Record<string, string> = {}): Promise<RunningSidecar> {
  const program = await pod.start(env);
  running.push(program);
  return program;
}

/** An object with one file. */
interface OneFile {
  name: string;
  file: readonly [key: string, content: string];
  label?: string;
}

function apply({ namespace }: PodSidecar, { name, file: [key, content], label = 'dashboard' }: OneFile): Promise<void> {
  return cluster.apply([configMap({ name, labels: { [label]: '1' }, data: { [key]: content } })], namespace);
}

function remove({ namespace }: PodSidecar, name: string): Promise<string> {
  return cluster.kubectlOutput(['delete', 'configmap', name, '--namespace', namespace]);
}

describe(`a FOLDER that others write to as well${unlessInPod}`, () => {
  inPod('is mended every RESCAN_INTERVAL where somebody has changed, removed or blocked a file of ours', async () => {
    const pod = await prepare();
    const expected = Object.fromEntries(['a', 'b', 'c', 'sub'].map((name) => [name, name]));
    for (const name of Object.keys(expected)) await apply(pod, { name, file: [name, name] });
    const foreign = { foreign: 'not ours' };
    writeFileSync(join(pod.files, 'foreign'), foreign.foreign);
    const program = await start(pod, { RESCAN_INTERVAL: '200ms', NOTIFY_QUIET: '0', REQ_URL: receiver.url });
    await expectFiles(pod.files, { ...expected, ...foreign });

    writeFileSync(join(pod.files, 'a'), 'A');
    rmSync(join(pod.files, 'b'));
    rmSync(join(pod.files, 'sub'));
    mkdirSync(join(pod.files, 'sub', 'foreign'), { recursive: true });
    await expectFiles(pod.files, { a: 'a', b: 'b', c: 'c', ...foreign });
    await eventually(async () => program.log().includes('is a folder'), { timeoutMs: 10_000 });
    rmSync(join(pod.files, 'sub'), { recursive: true });
    await expectFiles(pod.files, { ...expected, ...foreign }, 20_000);

    const written = (): string[] => messages(program).filter((message) => message.startsWith('Writing'));
    await expectEventually(
      () =>
        written()
          .map((message) => message.replace(/.*\//, ''))
          .sort(),
      ['a', 'a', 'b', 'b', 'c', 'sub', 'sub'],
    );
  });

  inPod('is shared by two sidecars: each keeps to its own, and one takes over what the other lets go of', async () => {
    const pod = await prepare();
    await apply(pod, { name: 'one', file: ['same', 'one'], label: 'first' });
    await apply(pod, { name: 'one-alone', file: ['a', 'a'], label: 'first' });
    const first = await start(pod, { LABEL: 'first' });
    await expectFiles(pod.files, { same: 'one', a: 'a' });
    await apply(pod, { name: 'two', file: ['same', 'two'], label: 'second' });
    await apply(pod, { name: 'two-alone', file: ['b', 'b'], label: 'second' });

    const second = await start(pod, { LABEL: 'second', RESCAN_INTERVAL: '1s' });
    await expectFiles(pod.files, { same: 'one', a: 'a', b: 'b' });
    await eventually(() => /same.*belongs to/.test(second.log()), { timeoutMs: 10_000 });
    await apply(pod, { name: 'one', file: ['same', 'one again'], label: 'first' });
    await expectFiles(pod.files, { same: 'one again', a: 'a', b: 'b' });
    expect(readdirSync(pod.files).filter((name) => name.startsWith('.sync-sidecar'))).toHaveLength(2);

    await remove(pod, 'one');
    await expectFiles(pod.files, { same: 'two', a: 'a', b: 'b' }, 60_000);
    await first.stop();
    await second.stop();
    expect(messages(first).filter((message) => message.startsWith('Removing'))).toHaveLength(1);
  });

  inPod('is shared by two replicas of one sidecar without harm', async () => {
    const pod = await prepare();
    await apply(pod, { name: 'a', file: ['a', '1'] });
    const replicas = [await start(pod), await start(pod)];
    for (const content of ['2', '3', '4']) {
      await apply(pod, { name: 'a', file: ['a', content] });
      await apply(pod, { name: 'b', file: ['b', content] });
      await expectFiles(pod.files, { a: content, b: content });
    }
    await remove(pod, 'a');
    await expectFiles(pod.files, { b: '4' });

    await replicas[0]?.kill();
    await apply(pod, { name: 'b', file: ['b', '5'] });
    await expectFiles(pod.files, { b: '5' });
    await remove(pod, 'b');
    await expectFiles(pod.files, {});
  });

  inPod('keeps a file whose key becomes a .url until its content is there, and through every error', async () => {
    const pod = await prepare();
    await apply(pod, { name: 'a', file: ['a', 'from the object'] });
    const program = await start(pod, { URL_REFRESH_INTERVAL: '200ms', REQ_RETRY_TOTAL: '0' });
    await expectFiles(pod.files, { a: 'from the object' });
    receiver.answer = 500;
    receiver.body = 'an error';
    const input = JSON.stringify(configMap({ name: 'a', labels: { dashboard: '1' }, data: { 'a.url': receiver.url } }));
    await cluster.kubectlOutput(['replace', '--namespace', pod.namespace, '--filename', '-'], { input });

    const asked = receiver.notifications.length;
    await eventually(() => receiver.notifications.length > asked + 1, { timeoutMs: 20_000 });
    await expectFiles(pod.files, { a: 'from the object' });
    expect((await program.health('/startupz')).status).toBe(200);
    Object.assign(receiver, { answer: 200, body: 'downloaded' });
    await expectFiles(pod.files, { a: 'downloaded' }, 30_000);
    Object.assign(receiver, { answer: 404, body: 'gone' });
    const again = receiver.notifications.length;
    await eventually(() => receiver.notifications.length > again + 1, { timeoutMs: 30_000 });
    expect(readFileSync(join(pod.files, 'a'), 'utf8')).toBe('downloaded');
    await remove(pod, 'a');
    await expectFiles(pod.files, {});
  });
});

describe(`a redirect${unlessInPod}`, () => {
  inPod('to somewhere else takes no credentials along', async () => {
    const pod = await prepare();
    await apply(pod, { name: 'a', file: ['a', 'a'] });
    const elsewhere = await startNotificationReceiver();
    const before = receiver.notifications.length;
    try {
      Object.assign(receiver, { answer: 307, location: elsewhere.url });
      const env = { REQ_URL: receiver.url, REQ_METHOD: 'POST', REQ_USERNAME: 'someone', REQ_PASSWORD: 'secret' };
      await start(pod, { ...env, NOTIFY_QUIET: '0' });
      await eventually(() => elsewhere.notifications.length > 0, { timeoutMs: 10_000 });

      const authorization = `Basic ${Buffer.from('someone:secret').toString('base64')}`;
      expect(receiver.notifications.slice(before)).toMatchObject([{ method: 'POST', authorization }]);
      expect(elsewhere.notifications).toMatchObject([{ method: 'POST', authorization: undefined }]);
    } finally {
      await elsewhere.close();
    }
  });
});
