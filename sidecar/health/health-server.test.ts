import { networkInterfaces } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { recordingLog } from '../../test/recording-log.ts';
import { startHealthServer, type HealthServerOptions } from './health-server.ts';
import type { SyncStatus } from './health.ts';

let synced: boolean;
let metrics: () => Promise<{ contentType: string; body: string }>;
let logged: ReturnType<typeof recordingLog>;
let server: { port: number; close: () => void };

const start = (options: Partial<HealthServerOptions> = {}): ReturnType<typeof startHealthServer> =>
  startHealthServer({
    port: 0,
    host: '127.0.0.1',
    status,
    metrics: () => metrics(),
    log: logged.log,
    now: () => 0,
    ...options,
  });

const status = (): SyncStatus[] => [
  {
    name: 'a',
    complete: synced,
    synced,
    scopes: [],
    faults: synced ? [] : ['grün'],
    stuckAfter: 1,
    contactThreshold: 1,
    counts: { objects: 0, files: 0, bytes: 0, collisions: 0, faults: 1 },
    notification: { pending: false, lastSuccess: null },
  },
];

beforeEach(async () => {
  synced = false;
  metrics = () => Promise.resolve({ contentType: 'text/x; version=1', body: 'a 1\n' });
  logged = recordingLog();
  server = await start();
});

afterEach(() => server.close());

const url = (path: string): string => `http://127.0.0.1:${server.port}${path}`;

async function get(path: string, method = 'GET'): Promise<[number, string]> {
  const response = await fetch(url(path), { method });
  return [response.status, await response.text()];
}

describe('health server', () => {
  it('answers every endpoint from the status of the moment', async () => {
    expect(await get('/startupz')).toEqual([503, 'a: grün']);
    expect(await get('/readyz?verbose')).toEqual([503, 'a: grün']);
    expect(await get('/livez')).toEqual([200, 'OK\na: grün']);
    expect(await get('/healthz')).toEqual([503, 'NOT READY']);
    synced = true;
    for (const path of ['/startupz', '/readyz', '/livez', '/healthz']) expect(await get(path)).toEqual([200, 'OK']);
  });

  it.each(['/', '/constructor', '/livez/', '/metricsx', '/METRICS'])('answers 404 at %s', async (path) => {
    expect(await get(path)).toEqual([404, 'Not Found']);
  });

  it('answers HEAD without a body', async () => {
    expect(await get('/livez', 'HEAD')).toEqual([200, '']);
    expect(await get('/metrics', 'HEAD')).toEqual([200, '']);
  });

  it('answers 405 to whoever wants to change something', async () => {
    for (const path of ['/livez', '/metrics']) expect(await get(path, 'POST')).toEqual([405, 'Method Not Allowed']);
    expect((await fetch(url('/livez'), { method: 'DELETE' })).headers.get('allow')).toBe('GET, HEAD');
  });

  it('answers a scrape with the metrics of the moment', async () => {
    const response = await fetch(url('/metrics'));
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      200,
      'text/x; version=1',
      'a 1\n',
    ]);
  });

  it('answers 500 when the status can not be told, logs why, and goes on', async () => {
    let failing = true;
    const broken = await start({
      status: () => {
        if (failing) throw new Error('no status');
        return [];
      },
    });
    const ask = (): Promise<Response> => fetch(`http://127.0.0.1:${broken.port}/livez`);
    const failed = await ask();
    expect([failed.status, await failed.text()]).toEqual([500, 'Internal Server Error']);
    expect(logged.lines).toMatchObject([{ msg: 'the health server could not answer', err: { message: 'no status' } }]);
    failing = false;
    expect((await ask()).status).toBe(200);
    broken.close();
  });

  it('logs why a scrape failed, and goes on', async () => {
    metrics = () => Promise.reject(new Error('no chunk'));
    expect(await get('/metrics')).toEqual([500, 'Internal Server Error']);
    expect(logged.lines).toMatchObject([{ msg: 'the health server could not answer', err: { message: 'no chunk' } }]);
    expect(await get('/livez')).toEqual([200, 'OK\na: grün']);
  });

  it('rejects when the port is taken', async () => {
    await expect(start({ port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('without a host listens on every address, IPv6 too where there is any', async () => {
    const { port, close } = await start({ host: undefined });
    const addresses = Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address));
    for (const address of ['127.0.0.1', '::1'].filter((loopback) => addresses.includes(loopback))) {
      const host = address.includes(':') ? `[${address}]` : address;
      expect((await fetch(`http://${host}:${port}/livez`)).status).toBe(200);
    }
    close();
  });
});
