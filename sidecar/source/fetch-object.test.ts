import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ApiClient } from '../../shared/kubernetes/api-client.ts';
import { startFakeApiServer, type FakeApiServer } from '../../test/fake-api-server.ts';
import { fetchObject } from './fetch-object.ts';
import type { Scope } from './source.ts';

let api: FakeApiServer;
let client: ApiClient;

beforeEach(async () => {
  api = await startFakeApiServer();
  client = new ApiClient(api.access);
  api.put('configmaps', { metadata: { name: 'a', namespace: 'x', labels: { sync: '' } }, data: { k: '1' } });
});

afterEach(async () => {
  client.close();
  await api.stop();
});

const labelled: Scope = { kind: 'configmap', labelSelector: 'sync' };
const named: Scope = { kind: 'configmap', name: 'a' };
const { signal } = new AbortController();

/** The data of an object of namespace x, or null when there is none. */
async function fetchData(scope: Scope, name = 'a'): Promise<unknown> {
  const object = await fetchObject(client, scope, { key: `configmap/x/${name}`, signal });
  return object && object.data;
}

describe('an object that is selected by its labels', () => {
  it('is fetched with the permission to list alone', async () => {
    api.forbid('get', 'configmaps');
    expect(await fetchData(labelled)).toEqual({ k: '1' });
    expect(api.requests).toEqual([
      {
        verb: 'list',
        path: '/api/v1/namespaces/x/configmaps',
        query: { labelSelector: 'sync', fieldSelector: 'metadata.name=a' },
      },
    ]);
  });

  it('is null when it is gone, or no longer selected', async () => {
    expect([await fetchData(labelled, 'b'), await fetchData({ ...labelled, labelSelector: 'other' })]).toEqual([
      null,
      null,
    ]);
  });
});

describe('an object that is selected by its name', () => {
  it('is fetched with the permission to get alone', async () => {
    api.forbid('list', 'configmaps');
    expect(await fetchData(named)).toEqual({ k: '1' });
    expect(api.requests).toEqual([{ verb: 'get', path: '/api/v1/namespaces/x/configmaps/a', query: {} }]);
  });

  it('is fetched with the permission to list alone', async () => {
    api.forbid('get', 'configmaps');
    expect(await fetchData(named)).toEqual({ k: '1' });
    expect(api.requests.at(-1)?.query).toEqual({ fieldSelector: 'metadata.name=a' });
  });

  it('is null when it is gone', async () => {
    api.delete('configmaps', { namespace: 'x', name: 'a' });
    expect(await fetchData(named)).toBeNull();
  });

  it('is not taken for gone when something else than the API server answers 404', async () => {
    api.fail('get', { kind: 'status', code: 404, reason: '' });
    await expect(fetchData(named)).rejects.toThrow('cannot get configmaps "a" in namespace "x": not found (404)');
  });

  it('names the permission that is enough when it may not even be got', async () => {
    api.forbid('get', 'configmaps');
    api.forbid('list', 'configmaps');
    await expect(fetchData(named)).rejects.toThrow('cannot get configmaps "a" in namespace "x": forbidden (403)');
  });
});
