import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { startFakeApiServer } from '../../test/fake-api-server.ts';
import type { FakeApiServer } from '../../test/fake-api-server.ts';
import { ApiClient } from './api-client.ts';
import { ApiConnectionError, MalformedAnswerError } from './api-failure.ts';
import { listOnce } from './list-objects.ts';
import type { ListHandler } from './list-objects.ts';
import { HandlerError } from './watch-failure.ts';

let api: FakeApiServer;
let client: ApiClient;
let replaced: string[][];

/** Keeps the names of each list, complete or not. */
const handler: ListHandler = {
  async replace(objects) {
    const names: string[] = [];
    replaced.push(names);
    for await (const { metadata } of objects) names.push(metadata.name);
  },
};

beforeEach(async () => {
  api = await startFakeApiServer();
  client = new ApiClient(api.access);
  replaced = [];
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    api.put('configmaps', { metadata: { name, namespace: 'x', labels: { sync: name < 'd' ? 'yes' : 'no' } } });
  }
});

afterEach(async () => {
  client.close();
  await api.stop();
});

function list(options: { handler?: ListHandler; pageSize?: number; labelSelector?: string } = {}) {
  const { labelSelector, ...rest } = options;
  const resource = {
    apiPath: '/api/v1',
    plural: 'configmaps',
    namespace: 'x',
    ...(labelSelector && { labelSelector }),
  };
  const { signal } = new AbortController();
  return listOnce({ client, resource, handler, idleTimeoutMs: 10_000, signal, ...rest });
}

it('reads page after page as one list', async () => {
  const listed = await list({ pageSize: 2 });

  expect(listed).toEqual({ resourceVersion: '6', count: 5 });
  expect(replaced).toEqual([['a', 'b', 'c', 'd', 'e']]);
  expect(api.requests.map(({ query }) => query)).toEqual([
    { limit: '2' },
    { limit: '2', continue: '6/0' },
    { limit: '2', continue: '6/1' },
  ]);
});

it('lets the API server select by label', async () => {
  await list({ labelSelector: 'sync=yes' });

  expect(replaced).toEqual([['a', 'b', 'c']]);
  expect(api.requests[0]?.query).toEqual({ labelSelector: 'sync=yes' });
});

it('begins anew, without pages, when the list expires between two pages', async () => {
  let turn = 0;
  const expiring: ListHandler = {
    replace: (objects) => {
      async function* expireAfterFirst() {
        for await (const object of objects) {
          if (turn++ === 0) {
            api.delete('configmaps', { namespace: 'x', name: 'b' });
            api.expire();
          }
          yield object;
        }
      }
      return handler.replace(expireAfterFirst());
    },
  };

  const listed = await list({ pageSize: 2, handler: expiring });

  expect(listed.count).toBe(4);
  expect(replaced).toEqual([
    ['a', 'b'],
    ['a', 'c', 'd', 'e'],
  ]);
  expect(api.requests.map(({ query }) => query)).toEqual([{ limit: '2' }, { limit: '2', continue: '6/0' }, {}]);
});

it.each([
  ['cut off', 'cut', ApiConnectionError],
  ['truncated', 'truncate', MalformedAnswerError],
] as const)('fails when the answer is %s, after what was complete in it', async (_, kind, failure) => {
  api.fail('list', { kind });

  await expect(list()).rejects.toThrow(failure);
  expect(replaced).toEqual([['first']]);
});

it('fails when the list failed even if the handler hides it', async () => {
  api.fail('list', { kind: 'cut' });
  const hiding: ListHandler = { replace: (objects) => handler.replace(objects).catch(() => {}) };

  await expect(list({ handler: hiding })).rejects.toThrow(ApiConnectionError);
});

it('fails when the handler did not read to the end', async () => {
  await expect(list({ handler: { replace: () => Promise.resolve() } })).rejects.toThrow(HandlerError);
});

it('names the failure of the handler as such', async () => {
  const cause = new Error('disk full');
  const failing: ListHandler = { replace: () => Promise.reject(cause) };

  await expect(list({ handler: failing })).rejects.toMatchObject({ name: 'HandlerError', cause });
});
