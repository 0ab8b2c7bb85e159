import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiClient } from '../../shared/kubernetes/api-client.ts';
import { environmentNaming } from '../../shared/settings/naming.ts';
import { describeProblems } from '../../shared/settings/problem.ts';
import { readSettings } from '../../shared/settings/read-settings.ts';
import { sidecarSettings } from '../../shared/settings/sidecar-settings.ts';
import { scopesOf } from '../../shared/settings/sync-scopes.ts';
import { eventually } from '../../test/eventually.ts';
import { startFakeApiServer, type FakeApiServer } from '../../test/fake-api-server.ts';
import { readTree, readVisibleTree } from '../../test/product/folder-tree.ts';
import { startNotificationReceiver, type NotificationReceiver } from '../../test/product/notification-receiver.ts';
import { recordingLog } from '../../test/recording-log.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { parseRecord } from '../files/ownership-record.ts';
import { noMeter } from '../health/meter.ts';
import { PathOwners } from '../files/path-owners.ts';
import { ScopeStreams } from '../source/scope-streams.ts';
import { SyncRunner } from './sync-runner.ts';
import { temporaryNames } from '../files/temporary-files.ts';

// A machine that is busy takes longer than Jest's 5 s for what takes a tenth of a second.
jest.setTimeout(30_000);

let scratch: ReturnType<typeof scratchFolder>;
let folder: string;
let api: FakeApiServer;
let client: ApiClient;
let receiver: NotificationReceiver;
let logged: ReturnType<typeof recordingLog>;
let stops: (() => Promise<unknown>)[];

beforeEach(async () => {
  scratch = scratchFolder();
  folder = join(scratch.path, 'files');
  api = await startFakeApiServer();
  client = new ApiClient(api.access);
  receiver = await startNotificationReceiver();
  logged = recordingLog();
  stops = [];
});

afterEach(async () => {
  await Promise.all(stops.map((stop) => stop()));
  client.close();
  await Promise.all([api.stop(), receiver.close()]);
  scratch[Symbol.dispose]();
});

interface Running {
  readonly runner: SyncRunner;
  readonly ended: Promise<void>;
  /** Ends it as SIGTERM does. */
  readonly stop: () => Promise<void>;
}

/** Starts a sync with these settings; it notifies the receiver, after pauses of some milliseconds. */
function start(environment: Record<string, string> = {}): Running {
  const entries = { LABEL: 'sync', FOLDER: folder, REQ_URL: receiver.url, NOTIFY_QUIET: '5ms', ...environment };
  const { settings, problems } = readSettings(sidecarSettings, [{ naming: environmentNaming, entries }]);
  if (!settings) throw new Error(describeProblems(problems));
  const controller = new AbortController();
  const [sync] = settings.syncs;
  if (!sync) throw new Error('unreachable');
  const { process: processSettings } = settings;
  const given = { client, process: processSettings, log: logged.log, meter: noMeter, now, random };
  const streams = new ScopeStreams(given);
  const runner = SyncRunner.open({
    ...given,
    name: 'sync',
    settings: sync.settings,
    sources: scopesOf(sync.settings, 'x').map((scope) => ({ scope, stream: streams.of(scope, sync.settings) })),
    pathOwners: new PathOwners(),
    isProcessComplete: () => true,
    environment: { PATH: process.env['PATH'] },
    kill: (pid, signal) => void process.kill(pid, signal),
  });
  const ended = runner.run(controller.signal).finally(() => controller.abort());
  const streamsEnded = streams.run(controller.signal);
  const stop = (): Promise<void> => {
    controller.abort(new Error('ended by the test'));
    return Promise.all([ended, streamsEnded]).then(() => undefined);
  };
  stops.push(() => stop().catch(() => undefined));
  return { runner, ended, stop };
}

const now = (): number => performance.now();
// The shortest pauses.
const random = (): number => 0.999;

/** Starts a sync and waits for its first sync and, if it notifies of that, for the notification. */
async function startSynced(environment?: Record<string, string>): Promise<Running> {
  const running = start(environment);
  await until(() => running.runner.status().synced);
  return running;
}

const until = (condition: () => boolean): Promise<unknown> =>
  eventually(condition, { timeoutMs: 10_000, intervalMs: 5 });
const put = (name: string, data: Record<string, string>) =>
  api.put('configmaps', { metadata: { name, namespace: 'x', labels: { sync: '' } }, data });
const tree = (): string => JSON.stringify(readVisibleTree(folder));
const untilTree = (expected: Record<string, string>) => until(() => tree() === JSON.stringify(expected));
const untilNotified = (count: number) => until(() => receiver.notifications.length === count);
const messages = (): unknown[] => logged.lines.map(({ msg }) => msg);

/** The ownership records in the folder, by name. */
function readRecords(): [string, string][] {
  return Object.entries(readTree(folder)).filter(([name]) => /^\.sync-sidecar\.\w+$/.test(name));
}

/** Whether the record, as a restart would read it, has a notification to make up for. */
const pendingOnDisk = (): boolean => parseRecord(readRecords()[0]?.[1] ?? '').pending;

describe('SyncRunner, METHOD=WATCH', () => {
  it('follows the objects, and notifies of the first sync and of every burst', async () => {
    put('a', { k: '1' });
    const { runner, stop } = await startSynced();
    expect(runner.status()).toMatchObject({ name: 'sync', complete: true, synced: true, faults: [] });
    await untilNotified(1);
    put('a', { k: '2' });
    put('b', { l: '3' });
    await untilTree({ k: '2', l: '3' });
    await untilNotified(2);
    api.delete('configmaps', { namespace: 'x', name: 'a' });
    await untilTree({ l: '3' });
    await untilNotified(3);
    await until(() => !pendingOnDisk());
    await stop();
    expect(api.verbs).toEqual(['list', 'watch']);
  });

  it('ends without a notification when nothing was left to tell', async () => {
    const { stop } = await startSynced();
    await stop();
    expect(receiver.notifications).toEqual([]);
  });

  it('changes nothing and tells nothing after a restart with nothing changed', async () => {
    put('a', { k: '1' });
    const first = await startSynced();
    await untilNotified(1);
    await until(() => !pendingOnDisk());
    await first.stop();
    const second = start();
    expect(second.runner.status()).toMatchObject({ complete: true, synced: false });
    await until(() => second.runner.status().synced);
    await second.stop();
    expect(receiver.notifications).toHaveLength(1);
  });

  it('removes after a restart what is gone meanwhile, and tells it', async () => {
    put('a', { k: '1' });
    await (await startSynced({ REQ_SKIP_INIT: 'true' })).stop();
    api.delete('configmaps', { namespace: 'x', name: 'a' });
    await startSynced({ REQ_SKIP_INIT: 'true' });
    await untilTree({});
    await untilNotified(1);
  });

  it('makes up for a notification that an earlier process could not deliver, also while the API server is away', async () => {
    receiver.answer = 503;
    put('a', { k: '1' });
    const first = await startSynced();
    await until(() => receiver.notifications.length > 0);
    await first.stop();
    expect(pendingOnDisk()).toBe(true);
    expect(messages()).toContain('the application was not notified of the last changes; the next start will');
    receiver.notifications.length = 0;
    receiver.answer = 200;
    api.fail('list', { kind: 'hang' });
    const second = start();
    await untilNotified(1);
    await until(() => !pendingOnDisk());
    expect(second.runner.status().synced).toBe(false);
  });

  it('tells the last changes at the end, without waiting for the end of their burst', async () => {
    const { stop } = await startSynced({ NOTIFY_QUIET: '60', NOTIFY_MAX_WAIT: '60' });
    put('a', { k: '1' });
    await untilTree({ k: '1' });
    await stop();
    expect(receiver.notifications).toHaveLength(1);
    expect(pendingOnDisk()).toBe(false);
  });

  it('gives up at the end after SHUTDOWN_TIMEOUT, and remembers what is left to tell', async () => {
    const script = join(scratch.path, 'script');
    writeFileSync(script, '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 });
    const environment = { SCRIPT: script, SHUTDOWN_TIMEOUT: '50ms', NOTIFY_QUIET: '60', NOTIFY_MAX_WAIT: '60' };
    const { stop } = await startSynced(environment);
    put('a', { k: '1' });
    await untilTree({ k: '1' });
    const began = performance.now();
    await stop();
    expect(performance.now() - began).toBeLessThan(5000);
    expect(pendingOnDisk()).toBe(true);
  });

  it('fetches the content of an object that takes over a path', async () => {
    put('old', { k: 'of the old one' });
    put('young', { k: 'of the young one' });
    await startSynced();
    await untilTree({ k: 'of the old one' });
    api.delete('configmaps', { namespace: 'x', name: 'old' });
    await untilTree({ k: 'of the young one' });
    const { path, query } = api.requests.at(-1) ?? {};
    expect({ path, query }).toEqual({
      path: '/api/v1/namespaces/x/configmaps',
      query: { labelSelector: 'sync', fieldSelector: 'metadata.name=young' },
    });
  });

  it('is not synced while a file can not be written, and is once it can', async () => {
    await (await startSynced()).stop();
    const [[record] = ['']] = readRecords();
    const id = record.replace('.sync-sidecar.', '');
    // A write fails on it, as on a full disk.
    const blocking = join(folder, temporaryNames({ id, host: '', random }).nameFor('file'));
    put('a', { k: '1' });
    const { runner } = start();
    mkdirSync(blocking);
    await until(() => runner.status().scopes.every(({ listed }) => listed));
    expect(runner.status()).toMatchObject({ complete: true, synced: false, faults: [expect.stringContaining('k: ')] });
    rmdirSync(blocking);
    await until(() => runner.status().synced);
    expect([tree(), runner.status().faults]).toEqual(['{"k":"1"}', []]);
  });
});

describe('SyncRunner, the first sync', () => {
  it('waits until the API server has given the whole list', async () => {
    api.fail('list', { kind: 'status', code: 403, reason: 'Forbidden' });
    put('a', { k: '1' });
    const { runner } = start();
    await until(() => runner.status().scopes[0]?.error !== null);
    expect(runner.status()).toMatchObject({ complete: false, synced: false });
    await until(() => runner.status().synced);
    expect(tree()).toBe('{"k":"1"}');
  });

  it('does without what is forbidden with READY_PARTIAL, and takes it when it no longer is', async () => {
    api.fail('list', { kind: 'status', code: 403, reason: 'Forbidden' });
    put('a', { k: '1' });
    const { runner } = await startSynced({ READY_PARTIAL: 'true' });
    expect([tree(), runner.status().scopes[0]?.error]).toEqual([
      '{}',
      'cannot list configmaps in namespace "x": forbidden (403): Forbidden',
    ]);
    await untilTree({ k: '1' });
  });

  it('notifies of what there is, and of later changes, while something is refused', async () => {
    put('a', { k: '1' });
    api.forbid('list', 'secrets');
    const { runner } = start({ RESOURCE: 'both' });
    await untilNotified(1);
    put('a', { k: '2' });
    await untilNotified(2);
    expect([tree(), runner.status().synced]).toEqual(['{"k":"2"}', false]);
  });

  it('is told to SCRIPT alone with REQ_SKIP_INIT; what changes later is told to both', async () => {
    const script = join(scratch.path, 'script');
    const calls = join(scratch.path, 'calls');
    writeFileSync(script, `#!/bin/sh\necho $SYNC_NAME >> ${calls}\n`, { mode: 0o755 });
    put('a', { k: '1' });
    await startSynced({ SCRIPT: script, REQ_SKIP_INIT: 'true' });
    await until(() => !pendingOnDisk());
    expect([readFileSync(calls, 'utf8'), receiver.notifications]).toEqual(['sync\n', []]);
    put('a', { k: '2' });
    await untilNotified(1);
    expect(readFileSync(calls, 'utf8')).toBe('sync\nsync\n');
  });
});

describe('SyncRunner, METHOD=SLEEP', () => {
  it('lists again and again, and never watches', async () => {
    put('a', { k: '1' });
    await startSynced({ METHOD: 'SLEEP', SLEEP_TIME: '10ms' });
    put('a', { k: '2' });
    put('b', { l: '3' });
    await untilTree({ k: '2', l: '3' });
    api.delete('configmaps', { namespace: 'x', name: 'a' });
    await untilTree({ l: '3' });
    expect(new Set(api.verbs)).toEqual(new Set(['list']));
  });
});

describe('SyncRunner, METHOD=LIST', () => {
  it('lists once, writes, notifies and ends', async () => {
    put('a', { k: '1' });
    await start({ METHOD: 'LIST' }).ended;
    expect([tree(), receiver.notifications.length, api.verbs, pendingOnDisk()]).toEqual([
      '{"k":"1"}',
      1,
      ['list'],
      false,
    ]);
  });

  it('with REQ_SKIP_INIT calls no REQ_URL, whose application has not started, and runs SCRIPT', async () => {
    const script = join(scratch.path, 'script');
    writeFileSync(script, `#!/bin/sh\necho told >> ${scratch.path}/told\n`, { mode: 0o755 });
    const settings = { METHOD: 'LIST', REQ_SKIP_INIT: 'true', SCRIPT: script };
    put('a', { k: '1' });
    await start(settings).ended;
    // An earlier process has left a complete sync on the volume.
    put('b', { l: '2' });
    await start(settings).ended;
    expect([receiver.notifications, readFileSync(join(scratch.path, 'told'), 'utf8'), pendingOnDisk()]).toEqual([
      [],
      'told\ntold\n',
      false,
    ]);
  });

  it.each([
    ['at once, as often as configured', 'false', 6],
    ['only later with ENABLE_5XX', 'true', 1],
  ])('tries again %s when the application answers 503', async (_, ENABLE_5XX, tries) => {
    receiver.answer = 503;
    put('a', { k: '1' });
    await start({ METHOD: 'LIST', REQ_RETRY_BACKOFF_FACTOR: '0', ENABLE_5XX }).ended;
    expect(receiver.notifications).toHaveLength(tries);
  });

  it('tries a failed list again', async () => {
    api.fail('list', { kind: 'cut' });
    put('a', { k: '1' });
    await start({ METHOD: 'LIST' }).ended;
    expect([tree(), api.verbs]).toEqual(['{"k":"1"}', ['list', 'list']]);
  });

  it('ends without what is forbidden with READY_PARTIAL', async () => {
    api.fail('list', { kind: 'status', code: 403, reason: 'Forbidden' });
    await start({ METHOD: 'LIST', READY_PARTIAL: 'true' }).ended;
    expect(api.verbs).toEqual(['list']);
  });

  it('ends well though the application was not notified, which is an error in the log and left to the next process', async () => {
    receiver.answer = 500;
    put('a', { k: '1' });
    await start({ METHOD: 'LIST', REQ_RETRY_TOTAL: '1' }).ended;
    expect([receiver.notifications.length, messages().at(-1), pendingOnDisk()]).toEqual([
      2,
      'the application was not notified',
      true,
    ]);
  });

  it('shares its record with a process that watches afterwards', async () => {
    put('a', { k: '1' });
    await start({ METHOD: 'LIST' }).ended;
    const { runner } = start();
    expect(runner.status().complete).toBe(true);
    expect(readRecords()).toHaveLength(1);
  });

  it('rejects with the reason when it is ended early', async () => {
    api.fail('list', { kind: 'hang' });
    await expect(start({ METHOD: 'LIST' }).stop()).rejects.toThrow(
      'ended before configmaps with "sync" in namespace "x" could be listed',
    );
  });
});
