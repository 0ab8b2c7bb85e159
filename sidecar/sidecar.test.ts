import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { environmentNaming } from '../shared/settings/naming.ts';
import { readSettings } from '../shared/settings/read-settings.ts';
import { sidecarSettings } from '../shared/settings/sidecar-settings.ts';
import { eventually } from '../test/eventually.ts';
import { startFakeApiServer, type FakeApiServer } from '../test/fake-api-server.ts';
import { recordingLog } from '../test/recording-log.ts';
import { scratchFolder } from '../test/scratch-folder.ts';
import { startHealthServer } from './health-server.ts';
import { runSidecar } from './sidecar.ts';

// A machine that is busy takes longer than Jest's 5 s for what takes a second.
jest.setTimeout(30_000);

let scratch: ReturnType<typeof scratchFolder>;
let api: FakeApiServer;
let stop: AbortController;
let running: Promise<unknown>[];
let logged: ReturnType<typeof recordingLog>;
let terminationLog: string;

beforeEach(async () => {
  scratch = scratchFolder();
  api = await startFakeApiServer();
  stop = new AbortController();
  running = [];
  logged = recordingLog();
  terminationLog = join(scratch.path, 'termination-log');
});

afterEach(async () => {
  stop.abort();
  await Promise.allSettled(running);
  await api.stop();
  scratch[Symbol.dispose]();
});

function run(environment: Record<string, string> = {}): Promise<void> {
  const entries = {
    KUBECONFIG: kubeconfig(),
    LABEL: 'sync',
    FOLDER: join(scratch.path, 'files'),
    HEALTH_HOST: '127.0.0.1',
    ...environment,
  };
  const { settings } = readSettings(sidecarSettings, [{ naming: environmentNaming, entries }]);
  if (!settings) throw new Error('unreachable');
  const ended = runSidecar({
    settings,
    environment: {},
    kill: () => undefined,
    processFacts: () => ({ version: '1', nodeVersion: '24', startedAt: 0, residentMemoryBytes: 1 }),
    inClusterDirectory: scratch.path,
    terminationLog,
    log: logged.log,
    now: () => performance.now(),
    random: () => 0.999,
    signal: stop.signal,
  });
  running.push(ended);
  return ended;
}

function kubeconfig(): string {
  const path = join(scratch.path, 'kubeconfig');
  const name = 'fake';
  const cluster = { server: api.access.server.origin, 'insecure-skip-tls-verify': true };
  const context = { cluster: name, user: name, namespace: 'x' };
  const named = { clusters: [{ name, cluster }], users: [{ name, user: {} }], contexts: [{ name, context }] };
  writeFileSync(path, stringify({ apiVersion: 'v1', kind: 'Config', ...named, 'current-context': name }));
  return path;
}

async function takenPort(): Promise<{ port: string } & Disposable> {
  const { port, close } = await startHealthServer({
    port: 0,
    host: '127.0.0.1',
    status: () => [],
    metrics: () => Promise.reject(new Error('not asked')),
    log: logged.log,
    now: () => 0,
  });
  return { port: String(port), [Symbol.dispose]: close };
}

describe('runSidecar', () => {
  it('goes on without a health server when its port is taken, and says so', async () => {
    using taken = await takenPort();
    await run({ METHOD: 'LIST', HEALTH_PORT: taken.port });
    expect(logged.lines).toContainEqual(
      expect.objectContaining({ level: 'ERROR', msg: `the health server can't listen on port ${taken.port}` }),
    );
  });

  it('ends when its port is taken and HEALTH_REQUIRED', async () => {
    using taken = await takenPort();
    const ended = run({ HEALTH_PORT: taken.port, HEALTH_REQUIRED: 'true' });
    await expect(ended).rejects.toThrow(`the health server can't listen on port ${taken.port}`);
  });

  it('leaves the reason in the termination log as long as it is not synced, and nothing afterwards', async () => {
    writeFileSync(terminationLog, '');
    api.fail('list', { kind: 'status', code: 403, reason: 'Forbidden' });
    api.fail('list', { kind: 'status', code: 403, reason: 'Forbidden' });
    api.fail('list', { kind: 'status', code: 403, reason: 'Forbidden' });
    run({ HEALTH_PORT: '0' }).catch(() => undefined);
    const written = (): string => readFileSync(terminationLog, 'utf8');
    await eventually(() => written() !== '', { timeoutMs: 20_000 });
    expect(written()).toBe('sync: cannot list configmaps in namespace "x": forbidden (403): Forbidden');
    await eventually(() => written() === '', { timeoutMs: 20_000 });
  });

  it('makes no termination log where there is none', async () => {
    await run({ METHOD: 'LIST', HEALTH_PORT: '0' });
    expect(existsSync(terminationLog)).toBe(false);
  });
});
