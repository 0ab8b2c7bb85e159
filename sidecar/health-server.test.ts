import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startHealthServer } from './health-server.ts';
import type { SyncStatus } from './health.ts';

let synced: boolean;
let server: { port: number; close: () => void };

beforeEach(async () => {
  synced = false;
  const status = (): SyncStatus[] => [
    { name: 'a', complete: synced, synced, scopes: [], faults: ['grün'], stuckAfter: 1, contactThreshold: 1 },
  ];
  server = await startHealthServer({ port: 0, host: '127.0.0.1', status, now: () => 0 });
});

afterEach(() => server.close());

async function get(path: string, method = 'GET'): Promise<[number, string]> {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
  return [response.status, await response.text()];
}

describe('health server', () => {
  it('answers every endpoint from the status of the moment', async () => {
    expect(await get('/startupz')).toEqual([503, 'a: grün']);
    expect(await get('/readyz?verbose')).toEqual([503, 'a: grün']);
    expect(await get('/livez')).toEqual([200, 'OK']);
    expect(await get('/healthz')).toEqual([503, 'NOT READY']);
    synced = true;
    for (const path of ['/startupz', '/readyz', '/livez', '/healthz']) expect(await get(path)).toEqual([200, 'OK']);
  });

  it('answers 404 elsewhere', async () => {
    expect(await get('/')).toEqual([404, 'Not Found']);
    expect(await get('/constructor')).toEqual([404, 'Not Found']);
  });

  it('answers HEAD without a body', async () => {
    expect(await get('/livez', 'HEAD')).toEqual([200, '']);
  });

  it('rejects when the port is taken', async () => {
    const options = { port: server.port, host: '127.0.0.1', status: () => [], now: () => 0 };
    await expect(startHealthServer(options)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
