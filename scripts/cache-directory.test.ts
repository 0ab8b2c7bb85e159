import { expect, it } from '@jest/globals';
import { ourCache } from './cache-directory.ts';

it.each([
  [{ XDG_CACHE_HOME: '/caches', HOME: '/home/me' }, '/caches/sync-sidecar'],
  [{ XDG_CACHE_HOME: 'caches', HOME: '/home/me' }, '/home/me/.cache/sync-sidecar'],
  [{ XDG_CACHE_HOME: '', HOME: '/home/me' }, '/home/me/.cache/sync-sidecar'],
  [{ HOME: '/home/me' }, '/home/me/.cache/sync-sidecar'],
])('with %j our cache is %s', (env, path) => {
  expect(ourCache({ env })).toBe(path);
});
