import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { startFakeApiServer } from '../../test/fake-api-server.ts';
import type { FakeApiServer } from '../../test/fake-api-server.ts';
import { ApiClient } from './api-client.ts';
import { runReflector } from './reflector.ts';
import type { ReflectorHandler, ReflectorOptions } from './reflector.ts';

let api: FakeApiServer;
let client: ApiClient;
let controller: AbortController;
let running: Promise<void>[];
/** What the reflector's observer was told, in short. */
let facts: string[];
/** What a handler holds, by name. */
let held: Map<string, unknown>;

beforeEach(async () => {
  api = await startFakeApiServer();
  client = new ApiClient(api.access);
  controller = new AbortController();
  running = [];
  facts = [];
  held = new Map();
  put('a', 'one');
});

afterEach(async () => {
  controller.abort();
  await Promise.all(running);
  client.close();
  await api.stop();
});

const holding: ReflectorHandler = {
  async replace(objects) {
    const next = new Map<string, unknown>();
    for await (const { metadata, data } of objects) next.set(metadata.name, data);
    held = next;
  },
  apply({ type, object }) {
    if (type === 'DELETED') held.delete(object.metadata.name);
    else held.set(object.metadata.name, object.data);
  },
};

function put(name: string, data: string, sync = 'yes') {
  return api.put('configmaps', { metadata: { name, namespace: 'x', labels: { sync } }, data });
}

function remove(name: string) {
  api.delete('configmaps', { namespace: 'x', name });
}

/** Runs a reflector with pauses of some milliseconds. */
function start(options: Partial<ReflectorOptions> = {}): void {
  running.push(
    runReflector({
      client,
      resource: { apiPath: '/api/v1', plural: 'configmaps', namespace: 'x', labelSelector: 'sync=yes' },
      handler: holding,
      backoff: { firstMs: 10, capMs: 40 },
      random: () => 0.5,
      // Each look at the clock is a minute later: no watch counts as a short one unless a test says so.
      now: (() => {
        let minutes = 0;
        return () => 60_000 * ++minutes;
      })(),
      signal: controller.signal,
      observer: {
        onListed: ({ resourceVersion, count }) => facts.push(`listed ${count} at ${resourceVersion}`),
        onWatchStarted: (resourceVersion) => facts.push(`watch from ${resourceVersion}`),
        onError: (_, retryInMs) => facts.push(`error, again in ${retryInMs}`),
        onReconnect: (reason) => facts.push(`reconnect: ${reason}`),
        onRelist: (reason) => facts.push(`relist: ${reason}`),
      },
      ...options,
    }),
  );
}

/** Polls, as events arrive over real sockets; far longer than any of them takes. */
async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 3000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`never happened: ${condition.toString()}; facts: ${facts.join(', ')}`);
    await delay(2);
  }
}

async function untilWatching(times = 1): Promise<void> {
  await until(() => facts.filter((fact) => fact.startsWith('watch from')).length === times && api.openWatches === 1);
}

describe('in a healthy cluster', () => {
  it('lists, watches from the version of the list, and follows every change', async () => {
    put('b', 'two');
    put('other', 'unlabelled', 'no');
    start();
    await untilWatching();
    put('a', 'changed');
    put('c', 'three');
    put('b', 'two', 'no');
    put('other', 'labelled');
    remove('c');
    await until(() => held.get('other') === 'labelled' && !held.has('c'));

    expect(Object.fromEntries(held)).toEqual({ a: 'changed', other: 'labelled' });
    expect(facts).toEqual(['listed 2 at 4', 'watch from 4']);
    expect(api.requests.map(({ query }) => query)).toEqual([
      { labelSelector: 'sync=yes' },
      {
        labelSelector: 'sync=yes',
        watch: 'true',
        allowWatchBookmarks: 'true',
        resourceVersion: '4',
        timeoutSeconds: '60',
      },
    ]);
  });

  it('resumes at the version of the last event when the API server ends the watch', async () => {
    start();
    await untilWatching();
    put('b', 'two');
    await until(() => held.has('b'));
    api.endWatches();
    await untilWatching(2);

    expect(facts).toEqual(['listed 1 at 2', 'watch from 2', 'reconnect: ended', 'watch from 3']);
  });

  it('resumes at the version of the last bookmark', async () => {
    start();
    await untilWatching();
    put('other', 'unlabelled', 'no');
    const resourceVersion = api.sendBookmarks();
    api.endWatches();
    await untilWatching(2);

    expect(facts.at(-1)).toBe(`watch from ${resourceVersion}`);
    expect(resourceVersion).toBe('3');
  });

  it('shows a sign of life at each bookmark', async () => {
    let contacts = 0;
    start({ observer: { onContact: () => contacts++ } });
    await until(() => api.openWatches === 1);
    const before = contacts;
    api.sendBookmarks();

    await until(() => contacts === before + 1);
  });

  it('ends when it is told to, while watching and while pausing', async () => {
    start();
    await untilWatching();
    api.fail('watch', { kind: 'status', code: 503, reason: 'ServiceUnavailable', retryAfterSeconds: 60 });
    start();
    await until(() => facts.some((fact) => fact.startsWith('error')));
    controller.abort();

    await expect(Promise.all(running)).resolves.toEqual([undefined, undefined]);
  });
});

describe('after a fault', () => {
  it('resumes after a cut connection and misses nothing, deletions included', async () => {
    put('b', 'two');
    start();
    await untilWatching();
    api.cutWatches();
    put('c', 'three');
    remove('b');
    await until(() => held.has('c') && !held.has('b'));

    expect(facts).toEqual([
      'listed 2 at 3',
      'watch from 3',
      'error, again in 8',
      'reconnect: connection',
      'watch from 3',
    ]);
  });

  it('notices a silent connection and resumes', async () => {
    start({ idleTimeoutMs: 50 });
    await untilWatching();
    api.silenceWatches();
    put('b', 'two');
    await until(() => held.has('b'));

    expect(facts.slice(0, 5)).toEqual([
      'listed 1 at 2',
      'watch from 2',
      'error, again in 8',
      'reconnect: timeout',
      'watch from 2',
    ]);
  });

  it('resumes when a watch breaks within an event', async () => {
    api.fail('watch', { kind: 'truncate' });
    start();
    await untilWatching(2);

    expect(facts).toEqual([
      'listed 1 at 2',
      'watch from 2',
      'error, again in 8',
      'reconnect: malformed',
      'watch from 2',
    ]);
  });

  it.each([
    [401, 'Unauthorized', 'unauthorized'],
    [403, 'Forbidden', 'forbidden'],
    [500, 'InternalError', 'server-error'],
    [503, 'ServiceUnavailable', 'server-error'],
  ])('pauses longer each time and does not list again when a watch is answered by %d', async (code, reason, name) => {
    for (let turn = 0; turn < 4; turn++) api.fail('watch', { kind: 'status', code, reason });
    start();
    await untilWatching();

    expect(facts.filter((fact) => fact.startsWith('error'))).toEqual(
      [8, 15, 30, 30].map((ms) => `error, again in ${ms}`),
    );
    expect(facts.filter((fact) => fact.startsWith('reconnect'))).toEqual(Array(4).fill(`reconnect: ${name}`));
    expect(api.verbs).toEqual(['list', 'watch', 'watch', 'watch', 'watch', 'watch']);
  });

  it('waits as long as a 429 asks', async () => {
    api.fail('watch', { kind: 'status', code: 429, reason: 'TooManyRequests', retryAfterSeconds: 1 });
    start();
    await untilWatching();

    expect(facts).toEqual(['listed 1 at 2', 'error, again in 1008', 'reconnect: too-many-requests', 'watch from 2']);
  });

  it('begins with short pauses again once a watch has worked', async () => {
    api.fail('watch', { kind: 'status', code: 500, reason: 'InternalError' });
    api.fail('watch', { kind: 'status', code: 500, reason: 'InternalError' });
    start();
    await untilWatching();
    api.cutWatches();
    await untilWatching(2);

    expect(facts.filter((fact) => fact.startsWith('error'))).toEqual([8, 15, 8].map((ms) => `error, again in ${ms}`));
  });

  it('pauses after a watch that ended at once with nothing in it', async () => {
    start({ now: () => 0 });
    await untilWatching();
    api.endWatches();
    await untilWatching(2);

    expect(facts).toEqual([
      'listed 1 at 2',
      'watch from 2',
      'error, again in 8',
      'reconnect: short-watch',
      'watch from 2',
    ]);
  });

  it('does not take a watch for one that ended at once when it was asked to be that short', async () => {
    let time = 0;
    // Each look at the clock is 300 ms later, and there are two at the end of a watch.
    start({ now: () => (time += 300), watchTimeoutMs: 1000 });
    await untilWatching();
    api.endWatches();
    await untilWatching(2);

    expect(facts).toEqual(['listed 1 at 2', 'watch from 2', 'reconnect: ended', 'watch from 2']);
  });

  it.each([
    [401, 'Unauthorized'],
    [403, 'Forbidden'],
    [429, 'TooManyRequests'],
    [500, 'InternalError'],
    [503, 'ServiceUnavailable'],
  ])(
    'lists from the beginning when a later page is answered by %d, and takes nothing for gone',
    async (code, reason) => {
      put('b', 'two');
      let failures = 1;
      const failing: ReflectorHandler = {
        ...holding,
        replace: (objects) => {
          async function* failAfterFirst() {
            for await (const object of objects) {
              if (failures-- > 0) api.fail('list', { kind: 'status', code, reason });
              yield object;
            }
          }
          return holding.replace(failAfterFirst());
        },
      };
      held.set('b', 'before');
      start({ pageSize: 1, handler: failing });
      await until(() => facts.length === 1);
      expect([facts, Object.fromEntries(held)]).toEqual([['error, again in 8'], { b: 'before' }]);
      await untilWatching();
      expect(Object.fromEntries(held)).toEqual({ a: 'one', b: 'two' });
    },
  );

  it('tries to list until it succeeds', async () => {
    api.fail('list', { kind: 'status', code: 403, reason: 'Forbidden' });
    api.fail('list', { kind: 'truncate' });
    api.fail('list', { kind: 'cut' });
    start();
    await untilWatching();

    expect(facts).toEqual([
      'error, again in 8',
      'error, again in 15',
      'error, again in 30',
      'listed 1 at 2',
      'watch from 2',
    ]);
    expect(Object.fromEntries(held)).toEqual({ a: 'one' });
  });

  it('notices a list that stalls', async () => {
    api.fail('list', { kind: 'stall' });
    start({ idleTimeoutMs: 50 });
    await untilWatching();

    expect(facts.slice(0, 2)).toEqual(['error, again in 8', 'listed 1 at 2']);
  });
});

describe('when its version has expired', () => {
  const relisted = ['listed 2 at 3', 'watch from 3'];

  it.each([
    ['the answer to the watch', { kind: 'status', code: 410, reason: 'Expired' }, []],
    ['an event of the watch', { kind: 'error-event', code: 410, reason: 'Expired' }, ['watch from 3']],
  ] as const)('lists again after a 410 as %s', async (_, fault, before) => {
    api.fail('watch', fault);
    put('b', 'two');
    start({ now: () => 0 });
    await untilWatching(before.length + 1);

    expect(facts).toEqual(['listed 2 at 3', ...before, 'error, again in 8', 'relist: expired', ...relisted]);
  });

  it('lists again after a compaction, and drops what was deleted meanwhile', async () => {
    put('b', 'two');
    start();
    await untilWatching();
    api.cutWatches();
    remove('a');
    api.expire();
    await untilWatching(2);

    expect(Object.fromEntries(held)).toEqual({ b: 'two' });
    expect(facts).toContain('relist: expired');
  });

  it('pauses longer each time while lists succeed and watches expire at once', async () => {
    for (let turn = 0; turn < 3; turn++) api.fail('watch', { kind: 'error-event', code: 410, reason: 'Expired' });
    start({ now: () => 0 });
    await untilWatching(4);

    expect(facts.filter((fact) => fact.startsWith('error'))).toEqual([8, 15, 30].map((ms) => `error, again in ${ms}`));
  });
});

describe('when its handler fails', () => {
  it('lists again after a failure to apply, so that the event is not lost', async () => {
    let failures = 1;
    start({
      handler: {
        replace: (objects) => holding.replace(objects),
        apply: () => {
          if (failures-- > 0) throw new Error('disk full');
        },
      },
    });
    await untilWatching();
    put('b', 'two');
    await untilWatching(2);

    expect(facts).toEqual([
      'listed 1 at 2',
      'watch from 2',
      'error, again in 8',
      'relist: handler',
      'listed 2 at 3',
      'watch from 3',
    ]);
    expect(Object.fromEntries(held)).toEqual({ a: 'one', b: 'two' });
  });

  it('lists again after a failure to replace', async () => {
    let failures = 1;
    start({
      handler: {
        ...holding,
        replace: (objects) => (failures-- > 0 ? Promise.reject(new Error('disk full')) : holding.replace(objects)),
      },
    });
    await untilWatching();

    expect(facts).toEqual(['error, again in 8', 'relist: handler', 'listed 1 at 2', 'watch from 2']);
  });
});
