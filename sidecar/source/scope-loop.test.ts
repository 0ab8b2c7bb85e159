import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ApiClient } from '../../shared/kubernetes/api-client.ts';
import { environmentNaming } from '../../shared/settings/naming.ts';
import { readSettings } from '../../shared/settings/read-settings.ts';
import { sidecarSettings } from '../../shared/settings/sidecar-settings.ts';
import { eventually } from '../../test/eventually.ts';
import { startFakeApiServer, type FakeApiServer } from '../../test/fake-api-server.ts';
import { recordingLog } from '../../test/recording-log.ts';
import { backoffOf, listBackoffOf, followScope, type Following } from './scope-loop.ts';
import type { Scope } from './source.ts';

// A machine that is busy takes longer than Jest's 5 s for what takes a tenth of a second.
jest.setTimeout(30_000);

let api: FakeApiServer;
let client: ApiClient;
let stop: AbortController;
let running: Promise<unknown>;
let logged: ReturnType<typeof recordingLog>;
/** What the handler holds, by name. */
let held: Map<string, unknown>;
/** What the observer was told, in short. */
let facts: string[];
/** Added to the clock. */
let later: number;

beforeEach(async () => {
  api = await startFakeApiServer();
  client = new ApiClient(api.access);
  stop = new AbortController();
  running = Promise.resolve();
  logged = recordingLog();
  held = new Map();
  facts = [];
  later = 0;
});

afterEach(async () => {
  stop.abort();
  await running;
  client.close();
  await api.stop();
});

function processOf(environment: Record<string, string>) {
  const entries = { LABEL: 'sync', FOLDER: '/f', ...environment };
  const { settings } = readSettings(sidecarSettings, [{ naming: environmentNaming, entries }]);
  if (!settings) throw new Error('unreachable');
  return settings.process;
}

const one: Scope = { kind: 'configmap', namespace: 'x', name: 'a' };

function start(scope: Scope, following: Partial<Following> = {}): void {
  const loop = {
    scope,
    following: { METHOD: 'WATCH', SLEEP_TIME: 10, ...following } as const,
    process: processOf({ ERROR_THROTTLE_SLEEP: '10ms' }),
    client,
    log: logged.log,
    now: () => performance.now() + later,
    random: () => 0.999,
    handler: {
      replace: async (objects: AsyncIterable<{ metadata: { name: string }; data?: unknown }>) => {
        const next = new Map<string, unknown>();
        for await (const { metadata, data } of objects) next.set(metadata.name, data);
        held = next;
      },
      apply: ({ type, object }: { type: string; object: { metadata: { name: string }; data?: unknown } }) => {
        if (type === 'DELETED') held.delete(object.metadata.name);
        else held.set(object.metadata.name, object.data);
      },
    },
    observer: {
      onListed: ({ count }: { count: number }) => void facts.push(`listed ${count}`),
      onWatchStarted: () => void facts.push('watching'),
      onError: (error: unknown) => void facts.push((error as Error).message),
    },
  };
  running = followScope(loop, stop.signal);
}

const until = (condition: () => boolean): Promise<unknown> =>
  eventually(condition, { timeoutMs: 10_000, intervalMs: 2 });
const put = (name: string, data = '1', namespace = 'x') =>
  api.put('configmaps', { metadata: { name, namespace }, data });
const remove = (name: string) => api.delete('configmaps', { namespace: 'x', name });
const holds = (expected: Record<string, string>) => () =>
  JSON.stringify([...held]) === JSON.stringify(Object.entries(expected));
const told = () => logged.lines.filter(({ level }) => level === 'INFO');

describe('an object by its name', () => {
  it('is watched, whatever its labels', async () => {
    put('a');
    put('b');
    start(one);
    await until(() => api.openWatches === 1);
    put('a', '2');
    await until(holds({ a: '2' }));
    remove('a');
    await until(holds({}));
    expect(api.requests.map(({ verb, query }) => [verb, query.fieldSelector])).toEqual([
      ['list', 'metadata.name=a'],
      ['watch', 'metadata.name=a'],
    ]);
  });

  it('in all namespaces is one watch', async () => {
    put('a', '1', 'x');
    put('b', '1', 'y');
    start({ kind: 'configmap', name: 'a' });
    await until(() => api.openWatches === 1);
    expect(api.requests.map(({ path }) => path)).toEqual(['/api/v1/configmaps', '/api/v1/configmaps']);
  });

  it.each(['list', 'watch'] as const)('is asked for every SLEEP_TIME without the permission to %s', async (verb) => {
    put('a');
    api.forbid(verb, 'configmaps');
    start(one);
    await until(holds({ a: '1' }));
    put('a', '2');
    await until(holds({ a: '2' }));
    remove('a');
    await until(holds({}));
    expect(facts.filter((fact) => !fact.startsWith('listed'))).toEqual([]);
    expect(told()).toEqual([
      expect.objectContaining({ scope: 'configmap "a" in namespace "x"', everyMs: 10, grant: ['list', 'watch'] }),
    ]);
  });

  it('is watched once that is allowed, which is tried every five minutes', async () => {
    api.forbid('list', 'configmaps');
    const asked = () => api.verbs.join(' ');
    start(one);
    await until(() => asked().startsWith('list get get get'));
    expect(asked()).not.toMatch(/list.*list/);
    later += 300_000;
    await until(() => /list.*list get/.test(asked()));
    api.allow('list', 'configmaps');
    later += 300_000;
    await until(() => api.openWatches === 1);
    expect(told()).toHaveLength(1);
  });

  it('is asked for when the watch is refused later', async () => {
    put('a');
    start(one);
    await until(() => api.openWatches === 1);
    for (const verb of ['list', 'watch'] as const) api.forbid(verb, 'configmaps');
    api.endWatches();
    await until(() => api.openWatches === 0);
    put('a', '2');
    await until(holds({ a: '2' }));
    expect(told()).toHaveLength(1);
  });

  it('is an error, and nothing is concluded from it, when even that is refused', async () => {
    put('a');
    start(one);
    await until(() => api.openWatches === 1);
    for (const verb of ['list', 'watch', 'get'] as const) api.forbid(verb, 'configmaps');
    api.endWatches();
    const refusal = 'cannot get configmaps "a" in namespace "x": forbidden (403): Forbidden';
    await until(() => facts.includes(refusal));
    expect(holds({ a: '1' })()).toBe(true);
    api.allow('get', 'configmaps');
    put('a', '2');
    await until(holds({ a: '2' }));
  });

  it.each(['SLEEP', 'LIST'] as const)('needs only get with METHOD=%s', async (METHOD) => {
    put('a');
    for (const verb of ['list', 'watch'] as const) api.forbid(verb, 'configmaps');
    start(one, { METHOD });
    await until(holds({ a: '1' }));
    expect([new Set(api.verbs), told()]).toEqual([new Set(['get']), []]);
  });

  it.each(['SLEEP', 'LIST'] as const)('needs only list with METHOD=%s', async (METHOD) => {
    put('a');
    for (const verb of ['get', 'watch'] as const) api.forbid(verb, 'configmaps');
    start(one, { METHOD });
    await until(holds({ a: '1' }));
  });

  it('that does not exist is a complete, empty list', async () => {
    start(one, { METHOD: 'LIST' });
    await running;
    expect(facts).toEqual(['listed 0']);
  });
});

describe('the pause after an error', () => {
  it('is ERROR_THROTTLE_SLEEP where that is set, and else grows, but not over SLEEP_TIME', () => {
    expect(backoffOf(processOf({ ERROR_THROTTLE_SLEEP: '5' }), 1000)).toEqual({ firstMs: 5000, capMs: 5000 });
    expect(backoffOf(processOf({}))).toEqual({ firstMs: 800, capMs: 30_000 });
    expect(backoffOf(processOf({}), 1000)).toEqual({ firstMs: 800, capMs: 1000 });
  });

  it('of METHOD=LIST is short enough for tries until its half minute is over', () => {
    expect(listBackoffOf(processOf({}), { METHOD: 'LIST', SLEEP_TIME: 60_000 })).toEqual({ firstMs: 800, capMs: 5000 });
    expect(listBackoffOf(processOf({}), { METHOD: 'SLEEP', SLEEP_TIME: 9000 })).toEqual({ firstMs: 800, capMs: 9000 });
  });

  it('is as long as the API server asks, also between two lists', async () => {
    api.fail('list', { kind: 'status', code: 429, reason: 'TooManyRequests', retryAfterSeconds: 1 });
    const began = performance.now();
    start({ kind: 'configmap', labelSelector: 'sync' }, { METHOD: 'LIST' });
    await running;
    expect(performance.now() - began).toBeGreaterThan(1000);
  });
});
