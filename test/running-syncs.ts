import { afterEach, beforeEach } from '@jest/globals';
import { join } from 'node:path';
import { ApiClient } from '../shared/kubernetes/api-client.ts';
import { environmentNaming } from '../shared/settings/naming.ts';
import { describeProblems } from '../shared/settings/problem.ts';
import { readSettings } from '../shared/settings/read-settings.ts';
import { sidecarSettings } from '../shared/settings/sidecar-settings.ts';
import { scopesOf } from '../shared/settings/sync-scopes.ts';
import { noMeter } from '../sidecar/health/meter.ts';
import { PathOwners } from '../sidecar/files/path-owners.ts';
import { ScopeStreams } from '../sidecar/source/scope-streams.ts';
import { SyncRunner } from '../sidecar/sync/sync-runner.ts';
import { eventually } from './eventually.ts';
import { startFakeApiServer, type FakeApiServer } from './fake-api-server.ts';
import { readVisibleTree } from './product/folder-tree.ts';
import { recordingLog } from './recording-log.ts';
import { scratchFolder } from './scratch-folder.ts';

let scratch: ReturnType<typeof scratchFolder>;
let client: ApiClient;
let stops: (() => Promise<unknown>)[];
export let folder: string;
export let api: FakeApiServer;
export let logged: ReturnType<typeof recordingLog>;

/** Gives every test of the file that calls it an API server and an empty folder. */
export function useRunningSyncs(): void {
  beforeEach(async () => {
    scratch = scratchFolder();
    folder = join(scratch.path, 'files');
    api = await startFakeApiServer();
    client = new ApiClient(api.access);
    logged = recordingLog();
    stops = [];
  });
  afterEach(async () => {
    await Promise.all(stops.map((stop) => stop()));
    client.close();
    await api.stop();
    scratch[Symbol.dispose]();
  });
}

export interface RunningSync {
  readonly runner: SyncRunner;
  readonly ended: Promise<void>;
  /** Ends it as SIGTERM does. */
  readonly stop: () => Promise<void>;
}

export interface StartOptions {
  /** Shared by the syncs of one process; without it the sync has a process of its own. */
  readonly pathOwners?: PathOwners;
  /** Whether the other syncs of the process are complete. */
  readonly isProcessComplete?: () => boolean;
}

/** Starts a sync with these settings. */
export function start(
  environment: Record<string, string> = {},
  { pathOwners, isProcessComplete = () => true }: StartOptions = {},
): RunningSync {
  const entries = { LABEL: 'sync', FOLDER: folder, NOTIFY_QUIET: '5ms', ...environment };
  const { settings, problems } = readSettings(sidecarSettings, [{ naming: environmentNaming, entries }]);
  const [sync] = settings?.syncs ?? [];
  if (!settings || !sync) throw new Error(describeProblems(problems));
  const controller = new AbortController();
  const now = (): number => performance.now();
  const given = { client, process: settings.process, log: logged.log, meter: noMeter, now, random: Math.random };
  const streams = new ScopeStreams(given);
  const runner = SyncRunner.open({
    ...given,
    name: 'sync',
    settings: sync.settings,
    sources: scopesOf(sync.settings, 'x').map((scope) => ({ scope, stream: streams.of(scope, sync.settings) })),
    pathOwners: pathOwners ?? new PathOwners(),
    isProcessComplete,
    environment: { PATH: process.env['PATH'] },
    // A hundredth of a second instead of half a minute.
    beatMs: 10,
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

/** Starts a sync and waits for its first sync. */
export async function startSynced(environment?: Record<string, string>, options?: StartOptions): Promise<RunningSync> {
  const running = start(environment, options);
  await until(() => running.runner.status().synced);
  return running;
}

export const at = (path: string): string => join(folder, path);
export const tree = (): Record<string, string> => readVisibleTree(folder);
export const until = (condition: () => boolean): Promise<unknown> =>
  eventually(condition, { timeoutMs: 10_000, intervalMs: 5 });
export const untilTree = (expected: Record<string, string>): Promise<unknown> =>
  until(() => JSON.stringify(tree()) === JSON.stringify(expected));
export const messages = (): unknown[] => logged.lines.map(({ msg }) => msg);

/** Puts a ConfigMap with this label into namespace x. */
export function put(name: string, data: Record<string, string>, label = 'sync'): void {
  void api.put('configmaps', { metadata: { name, namespace: 'x', labels: { [label]: '' } }, data });
}
