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

    expect([namespaces.known('shop'), namespaces.known('bare')]).toEqual([{ team: 'a' }, {}]);
    expect(server.verbs).toEqual(['list', 'watch']);
  });

  it('follows changes', async () => {
    await follow();

    server.put('namespaces', { metadata: { name: 'shop', labels: { team: 'b' } } });
    server.put('namespaces', { metadata: { name: 'new', labels: { team: 'c' } } });
    server.delete('namespaces', { name: 'bare' });

    await eventually(() => namespaces.known('bare') === undefined, deadline);
    expect([namespaces.known('shop'), namespaces.known('new')]).toEqual([{ team: 'b' }, { team: 'c' }]);
  });

  it('knows nothing of a namespace that the watch has not shown', () => {
    expect(namespaces.known('shop')).toBeUndefined();
    expect(server.verbs).toEqual([]);
  });

  it('reads the labels that a namespace has now', async () => {
    expect([await namespaces.read('shop'), await namespaces.read('bare')]).toEqual([{ team: 'a' }, {}]);
    expect(server.verbs).toEqual(['get', 'get']);
  });

  it('reads no labels of a namespace that does not exist', async () => {
    expect(await namespaces.read('nowhere')).toEqual({});
  });

  it('fails to read what the API server refuses', async () => {
    server.fail('get', { kind: 'status', code: 403, reason: 'Forbidden' });

    await expect(namespaces.read('shop')).rejects.toMatchObject({ code: 403 });
  });
});

async function follow(): Promise<void> {
  running = namespaces.run(stop.signal);
  await eventually(() => server.openWatches === 1, deadline);
}
