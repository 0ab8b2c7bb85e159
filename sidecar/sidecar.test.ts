import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { environmentNaming } from '../shared/settings/naming.ts';
import { readSettings } from '../shared/settings/read-settings.ts';
import { sidecarSettings } from '../shared/settings/sidecar-settings.ts';
import { eventually } from '../test/eventually.ts';
import { startFakeApiServer, type FakeApiServer } from '../test/fake-api-server.ts';
import { recordingLog } from '../test/recording-log.ts';
import { scratchFolder } from '../test/scratch-folder.ts';
import { startHealthServer } from './health/health-server.ts';
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

function run(given: Record<string, string> = {}, environment: Record<string, string> = {}): Promise<void> {
  const entries = {
    KUBECONFIG: kubeconfig(),
    LABEL: 'sync',
    FOLDER: join(scratch.path, 'files'),
    HEALTH_HOST: '127.0.0.1',
    ...given,
  };
  const { settings } = readSettings(sidecarSettings, [{ naming: environmentNaming, entries }]);
  if (!settings) throw new Error('unreachable');
  const ended = runSidecar({
    settings,
    environment,
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
  it('says which settings have no effect', async () => {
    const without = { DISABLE_X509_STRICT_VERIFICATION: 'true', IGNORE_ALREADY_PROCESSED: 'true' };
    await run({ METHOD: 'LIST', HEALTH_PORT: '0', ...without });
    expect(logged.lines.find(({ msg }) => msg === 'these settings have no effect')).toMatchObject({
      settings: ['DISABLE_X509_STRICT_VERIFICATION', 'IGNORE_ALREADY_PROCESSED'],
    });
  });

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

  it('warns of a proxy that it can not use, and goes on', async () => {
    await run({ METHOD: 'LIST', HEALTH_PORT: '0' }, { HTTPS_PROXY: 'socks5://user:word@proxy:1080' });
    const msg =
      'HTTPS_PROXY: can not be used, and requests that need it fail; accepts an http:// or https:// URL of a proxy';
    expect(logged.lines).toContainEqual(expect.objectContaining({ level: 'WARNING', msg }));
    expect(logged.text()).not.toContain('word');
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

  it('does not begin with ADOPT_FOLDER=once before it has seen what READY_PARTIAL lets it do without', async () => {
    const folder = join(scratch.path, 'files');
    mkdirSync(folder);
    for (const name of ['k', 'orphan']) writeFileSync(join(folder, name), '1', { mode: 0o644 });
    const { ino } = statSync(join(folder, 'k'));
    api.put('configmaps', { metadata: { name: 'a', namespace: 'x', labels: { sync: '' } }, data: { k: '1' } });
    api.fail('list', { kind: 'status', code: 403, reason: 'Forbidden' });
    run({ HEALTH_PORT: '0', READY_PARTIAL: 'true', ADOPT_FOLDER: 'once' }).catch(() => undefined);
    const hasMessage = (text: string): boolean => logged.lines.some(({ msg }) => msg === text);
    await eventually(() => hasMessage('Initial sync complete, sidecar is ready.'), { timeoutMs: 20_000 });
    expect(existsSync(join(folder, 'orphan'))).toBe(true);
    await eventually(() => !existsSync(join(folder, 'orphan')), { timeoutMs: 20_000 });
    expect(statSync(join(folder, 'k')).ino).toBe(ino);
  });

  it('does not remove with ADOPT_FOLDER=once what another sync of the process is still to find', async () => {
    const folder = join(scratch.path, 'files');
    mkdirSync(folder);
    for (const name of ['k', 'orphan']) writeFileSync(join(folder, name), '1', { mode: 0o644 });
    const { ino } = statSync(join(folder, 'k'));
    api.put('configmaps', { metadata: { name: 'a', namespace: 'x', labels: { slow: '' } }, data: { k: '1' } });
    api.fail('list', { kind: 'cut' });
    const syncs = { SYNCS: 'slow,quick', SLOW__LABEL: 'slow', QUICK__LABEL: 'quick', QUICK__ADOPT_FOLDER: 'once' };
    run({ HEALTH_PORT: '0', LABEL: '', ...syncs }).catch(() => undefined);
    await eventually(() => !existsSync(join(folder, 'orphan')), { timeoutMs: 20_000 });
    expect(statSync(join(folder, 'k')).ino).toBe(ino);
  });

  it('makes no termination log where there is none', async () => {
    await run({ METHOD: 'LIST', HEALTH_PORT: '0' });
    expect(existsSync(terminationLog)).toBe(false);
  });
});
