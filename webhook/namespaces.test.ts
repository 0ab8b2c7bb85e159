import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { ApiClient } from '../shared/kubernetes/api-client.ts';
import { eventually } from '../test/eventually.ts';
import { startFakeApiServer } from '../test/fake-api-server.ts';
import type { FakeApiServer } from '../test/fake-api-server.ts';
import { Namespaces } from './namespaces.ts';

const deadline = { timeoutMs: 5000, intervalMs: 5 };

let server: FakeApiServer;
let client: ApiClient;
let namespaces: Namespaces;
let stop: AbortController;
let running: Promise<void> | undefined;

beforeEach(async () => {
  server = await startFakeApiServer();
  server.put('namespaces', { metadata: { name: 'shop', labels: { team: 'a' } } });
  server.put('namespaces', { metadata: { name: 'bare' } });
  client = new ApiClient(server.access);
  namespaces = new Namespaces({ client, now: Date.now, random: Math.random, log: pino({ enabled: false }) });
  stop = new AbortController();
  running = undefined;
});

afterEach(async () => {
  stop.abort();
  await running;
  client.close();
  await server.stop();
});

describe('Namespaces', () => {
  it('knows the labels of all namespaces without asking again', async () => {
    await follow();

    expect([await namespaces.labels('shop'), await namespaces.labels('bare')]).toEqual([{ team: 'a' }, {}]);
    expect(server.verbs).toEqual(['list', 'watch']);
  });

  it('follows changes', async () => {
    await follow();

    server.put('namespaces', { metadata: { name: 'shop', labels: { team: 'b' } } });
    server.put('namespaces', { metadata: { name: 'new', labels: { team: 'c' } } });
    server.delete('namespaces', { name: 'bare' });

    await eventually(async () => (await namespaces.labels('shop')).team === 'b', deadline);
    expect([await namespaces.labels('new'), await namespaces.labels('bare')]).toEqual([{ team: 'c' }, {}]);
  });

  it('asks for a namespace that the watch has not shown yet', async () => {
    expect(await namespaces.labels('shop')).toEqual({ team: 'a' });
    expect(server.verbs).toEqual(['get']);
  });

  it('has no labels for a namespace that does not exist', async () => {
    await follow();

    expect(await namespaces.labels('nowhere')).toEqual({});
  });

  it('fails when the API server has to be asked and refuses', async () => {
    server.fail('get', { kind: 'status', code: 403, reason: 'Forbidden' });

    await expect(namespaces.labels('shop')).rejects.toMatchObject({ code: 403 });
  });
});

async function follow(): Promise<void> {
  running = namespaces.run(stop.signal);
  await eventually(() => server.openWatches === 1, deadline);
}
