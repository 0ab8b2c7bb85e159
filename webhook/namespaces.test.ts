import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { ApiClient } from '../shared/kubernetes/api-client.ts';
import { eventually } from '../test/eventually.ts';
import { startFakeApiServer } from '../test/fake-api-server.ts';
import type { FakeApiServer } from '../test/fake-api-server.ts';
import { Namespaces } from './namespaces.ts';

const deadline = { timeoutMs: 5000, intervalMs: 5 };

const ours = (value: string) => ({ 'sync-sidecar.io/inject': value });

let server: FakeApiServer;
let client: ApiClient;
let namespaces: Namespaces;
let stop: AbortController;
let running: Promise<void> | undefined;

beforeEach(async () => {
  server = await startFakeApiServer();
  server.put('namespaces', { metadata: { name: 'shop', labels: { ...ours('a'), team: 'x' } } });
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
  it('knows the one label of each namespace that counts, without asking again', async () => {
    await follow();

    expect([namespaces.known('shop'), namespaces.known('bare')]).toEqual([ours('a'), {}]);
    expect(server.verbs).toEqual(['list', 'watch']);
  });

  it('follows changes', async () => {
    await follow();

    server.put('namespaces', { metadata: { name: 'shop', labels: ours('b') } });
    server.put('namespaces', { metadata: { name: 'new', labels: ours('c') } });
    server.delete('namespaces', { name: 'bare' });

    await eventually(() => namespaces.known('bare') === undefined, deadline);
    expect([namespaces.known('shop'), namespaces.known('new')]).toEqual([ours('b'), ours('c')]);
  });

  it('knows nothing of a namespace that the watch has not shown', () => {
    expect(namespaces.known('shop')).toBeUndefined();
    expect(server.verbs).toEqual([]);
  });

  it('is in contact from the start of its watch to the first failure, and again from the next one on', async () => {
    expect(namespaces.isInContact).toBe(false);
    await follow();
    expect(namespaces.isInContact).toBe(true);

    server.fail('watch', { kind: 'status', code: 500, reason: 'InternalError' });
    server.cutWatches();
    await eventually(() => !namespaces.isInContact, deadline);
    await eventually(() => namespaces.isInContact, deadline);
  });

  it('lets no watch last longer than ten seconds, so that it notices one that has gone without a word', async () => {
    await follow();

    expect(server.requests.map(({ query }) => query.timeoutSeconds)).toEqual([undefined, '10']);
  });

  it('reads the labels that a namespace has now', async () => {
    expect([await namespaces.read('shop'), await namespaces.read('bare')]).toEqual([ours('a'), {}]);
    expect(server.verbs).toEqual(['get', 'get']);
  });

  it('reads no labels of a namespace that does not exist', async () => {
    expect(await namespaces.read('nowhere')).toEqual({});
  });

  it('waits for an answer no longer than it may', async () => {
    server.fail('get', { kind: 'hang' });

    await expect(namespaces.read('shop', 20)).rejects.toThrow('no answer from the API server for 0.02 s');
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
