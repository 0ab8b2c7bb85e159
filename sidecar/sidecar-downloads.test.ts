import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { SettingsError } from '../shared/program.ts';
import { environmentNaming } from '../shared/settings/naming.ts';
import { readSettings } from '../shared/settings/read-settings.ts';
import { sidecarSettings } from '../shared/settings/sidecar-settings.ts';
import { eventually } from '../test/eventually.ts';
import { startFakeApiServer, type FakeApiServer } from '../test/fake-api-server.ts';
import { readVisibleTree } from '../test/product/folder-tree.ts';
import { startForwardProxy } from '../test/forward-proxy.ts';
import { recordingLog } from '../test/recording-log.ts';
import { scratchFolder } from '../test/scratch-folder.ts';
import { startWebServer, type WebServer } from '../test/web-server.ts';
import { runSidecar } from './sidecar.ts';

// A machine that is busy takes longer than Jest's 5 s for what takes a second.
jest.setTimeout(30_000);

let scratch: ReturnType<typeof scratchFolder>;
let folder: string;
let api: FakeApiServer;
let web: WebServer;
let application: WebServer;
let logged: ReturnType<typeof recordingLog>;
/** What the web server answers with; a number is a status. */
let content: string | number;
let stops: (() => Promise<unknown>)[];

beforeEach(async () => {
  scratch = scratchFolder();
  folder = join(scratch.path, 'files');
  logged = recordingLog();
  stops = [];
  content = 'logo 1';
  [api, web, application] = await Promise.all([startFakeApiServer(), startWebServer(), startWebServer()]);
  web.answer = ({ headers }, response) => {
    const etag = `"${content}"`;
    if (typeof content === 'number') response.writeHead(content).end('hush');
    else if (headers['if-none-match'] === etag) response.writeHead(304).end();
    else response.writeHead(200, { etag }).end(content);
  };
});

afterEach(async () => {
  await Promise.all(stops.map((stop) => stop().catch(() => undefined)));
  await Promise.all([api.stop(), web.close(), application.close()]);
  scratch[Symbol.dispose]();
});

interface Running {
  readonly ended: Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Runs a sidecar that looks up downloads every 30 ms, in this process. */
function start(given: Record<string, string> = {}, environment: Record<string, string> = {}): Running {
  const entries = {
    KUBECONFIG: kubeconfig(),
    LABEL: 'sync',
    FOLDER: folder,
    HEALTH_PORT: '0',
    REQ_URL: `${application.origin}/reload`,
    REQ_RETRY_BACKOFF_FACTOR: '0.001',
    NOTIFY_QUIET: '5ms',
    URL_REFRESH_INTERVAL: '30ms',
    ...given,
  };
  const { settings } = readSettings(sidecarSettings, [{ naming: environmentNaming, entries }]);
  if (!settings) throw new Error('unreachable');
  const stop = new AbortController();
  const ended = runSidecar({
    settings,
    environment,
    kill: () => undefined,
    processFacts: () => ({ version: '1', nodeVersion: '24', startedAt: 0, residentMemoryBytes: 1 }),
    inClusterDirectory: scratch.path,
    terminationLog: join(scratch.path, 'termination-log'),
    log: logged.log,
    now: () => performance.now(),
    random: () => 0.5,
    signal: stop.signal,
  });
  const end = (): Promise<void> => {
    stop.abort();
    return ended;
  };
  stops.push(end);
  return { ended, stop: end };
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

const put = (data: Record<string, string>) =>
  api.put('configmaps', { metadata: { name: 'a', namespace: 'x', labels: { sync: '' } }, data });
const logoUrl = () => `http://user:hush@127.0.0.1:${web.port}/logo?token=hush\n`;
const until = (condition: () => boolean) => eventually(condition, { timeoutMs: 10_000, intervalMs: 5 });
const files = () => readVisibleTree(folder);
const untilFile = (text: string) => until(() => files()['logo.svg'] === text);
const messages = (): unknown[] => logged.lines.map(({ msg }) => msg);
const isSynced = () => messages().includes('Initial sync complete, sidecar is ready.');

describe('a key that ends in .url', () => {
  it('is a file as its URL has it, through changes, failures and the end of the object', async () => {
    put({ 'logo.svg.url': logoUrl(), 'a.json': '{}' });
    start();
    await untilFile('logo 1');
    await until(() => application.received.length === 1);
    await until(() => web.received.at(-1)?.headers['if-none-match'] === '"logo 1"');
    content = 503;
    await until(() => messages().includes('a download failed'));
    await web.close();
    await until(() => logged.lines.some((line) => JSON.stringify(line).includes('ECONNREFUSED')));
    expect(files()).toEqual({ 'a.json': '{}', 'logo.svg': 'logo 1' });
    const answer = web.answer;
    web = await startWebServer({ port: web.port });
    web.answer = answer;
    content = 'logo 2';
    await untilFile('logo 2');
    await until(() => application.received.length === 2);
    expect(messages()).toContain('the download succeeds again');
    api.delete('configmaps', { namespace: 'x', name: 'a' });
    await until(() => Object.keys(files()).length === 0);
    await until(() => application.received.length === 3);
    expect(JSON.stringify(logged.lines)).not.toContain('hush');
  });

  it('keeps nobody from starting when it can not be got, and is a file as soon as it can', async () => {
    content = 404;
    put({ 'logo.svg.url': logoUrl(), 'a.json': '{}' });
    start();
    await until(isSynced);
    expect(files()).toEqual({ 'a.json': '{}' });
    content = 'logo 1';
    await untilFile('logo 1');
  });

  it('is waited for by the first sync', async () => {
    put({ 'logo.svg.url': logoUrl() });
    const answer = Promise.withResolvers<void>();
    web.answer = (_request, response) => void answer.promise.then(() => response.end('logo 1'));
    start();
    await until(() => web.received.length === 1);
    expect(isSynced()).toBe(false);
    answer.resolve();
    await until(isSynced);
    expect(files()).toEqual({ 'logo.svg': 'logo 1' });
  });

  it('is not downloaded again by a restart before it is time', async () => {
    put({ 'logo.svg.url': logoUrl() });
    const first = start();
    await untilFile('logo 1');
    await first.stop();
    content = 'logo 2';
    const asked = web.received.length;
    logged = recordingLog();
    const second = start({ URL_REFRESH_INTERVAL: '1h' });
    await until(isSynced);
    await second.stop();
    expect([files()['logo.svg'], web.received.length]).toEqual(['logo 1', asked]);
    start();
    await untilFile('logo 2');
  });

  it('is got again when somebody changes or removes the file', async () => {
    put({ 'logo.svg.url': logoUrl() });
    start({ RESCAN_INTERVAL: '20ms', URL_REFRESH_INTERVAL: '0' });
    await untilFile('logo 1');
    await until(isSynced);
    writeFileSync(join(folder, 'logo.svg'), 'somebody else');
    await untilFile('logo 1');
    rmSync(join(folder, 'logo.svg'));
    await untilFile('logo 1');
  });

  it('is written as soon as nothing stands in its way any more', async () => {
    mkdirSync(join(folder, 'logo.svg', 'of somebody else'), { recursive: true });
    put({ 'logo.svg.url': logoUrl() });
    start({ RESCAN_INTERVAL: '20ms', URL_REFRESH_INTERVAL: '0' });
    await until(isSynced);
    rmSync(join(folder, 'logo.svg'), { recursive: true });
    await untilFile('logo 1');
  });

  it('is downloaded by METHOD=LIST, with the quick retries', async () => {
    put({ 'logo.svg.url': logoUrl() });
    await start({ METHOD: 'LIST' }).ended;
    expect(files()).toEqual({ 'logo.svg': 'logo 1' });
    content = 'logo 2';
    await start({ METHOD: 'LIST' }).ended;
    expect(files()).toEqual({ 'logo.svg': 'logo 2' });
    content = 500;
    await start({ METHOD: 'LIST' }).ended;
    expect(files()).toEqual({ 'logo.svg': 'logo 2' });
    expect([application.received.length, web.received.length]).toEqual([2, 8]);
  });

  it('that can not be got does not fail METHOD=LIST', async () => {
    content = 404;
    put({ 'logo.svg.url': logoUrl(), 'a.json': '{}' });
    await start({ METHOD: 'LIST' }).ended;
    expect([files(), application.received.length]).toEqual([{ 'a.json': '{}' }, 1]);
    expect(messages()).toContain('a download failed');
  });

  it('does not hold up the end', async () => {
    put({ 'logo.svg.url': logoUrl() });
    web.answer = () => undefined;
    const running = start({ REQ_TIMEOUT: '1h' });
    await until(() => web.received.length === 1);
    await running.stop();
    expect(messages()).not.toContain('a download failed');
  });

  it('is got through a proxy, as REQ_URL is', async () => {
    put({ 'logo.svg.url': 'http://a.example/logo' });
    const proxy = await startForwardProxy(web);
    start({ REQ_URL: 'http://b.example/reload' }, { HTTP_PROXY: proxy.origin });
    await untilFile('logo 1');
    await until(() => proxy.asked.includes('GET http://b.example/reload'));
    expect(proxy.asked[0]).toBe('GET http://a.example/logo');
    await Promise.all(stops.map((stop) => stop()));
    await proxy.close();
  });
});

it('a template that can not be used is a problem at the start, and a proxy is not', async () => {
  const given = { REQ_PAYLOAD_TEMPLATE: '{{sync}}', REQ_METHOD: 'GET' };
  const error = await start(given, { HTTPS_PROXY: 'socks5://user:hush@a' }).ended.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(SettingsError);
  expect((error as SettingsError).problems).toEqual([
    "REQ_PAYLOAD_TEMPLATE: can't be sent by a GET; accepts it together with REQ_METHOD=POST",
  ]);
});
