import { expect, it } from '@jest/globals';
import { describeCall, parseResourcePath, resourcePath } from './resource-path.ts';

it.each([
  ['/api/v1/configmaps', { plural: 'configmaps' }],
  ['/api/v1/namespaces', { plural: 'namespaces' }],
  ['/api/v1/namespaces/x', { plural: 'namespaces', name: 'x' }],
  ['/api/v1/namespaces/x/secrets', { namespace: 'x', plural: 'secrets' }],
  ['/api/v1/namespaces/x/secrets/y', { namespace: 'x', plural: 'secrets', name: 'y' }],
  ['/apis/apps/v1/namespaces/x/deployments/y/scale', { namespace: 'x', plural: 'deployments', name: 'y/scale' }],
])('takes %s apart', (path, parts) => {
  expect(parseResourcePath(path)).toEqual(parts);
});

it('knows that a path is none of a resource', () => {
  expect(['/version', '/healthz', '/api/v1'].map(parseResourcePath)).toEqual([undefined, undefined, undefined]);
});

it('builds the path of a collection and of an object', () => {
  const scope = { apiPath: '/api/v1', plural: 'configmaps' };

  expect(resourcePath(scope)).toBe('/api/v1/configmaps');
  expect(resourcePath({ ...scope, namespace: 'x' }, 'y')).toBe('/api/v1/namespaces/x/configmaps/y');
});

it.each([
  ['GET', '/api/v1/namespaces/x/configmaps', { verb: 'list', resource: 'configmaps in namespace "x"' }],
  ['GET', '/api/v1/secrets', { verb: 'list', resource: 'secrets at the cluster scope' }],
  ['GET', '/api/v1/namespaces/x', { verb: 'get', resource: 'namespaces "x" at the cluster scope' }],
  ['PATCH', '/api/v1/namespaces/x/secrets/y', { verb: 'patch', resource: 'secrets "y" in namespace "x"' }],
  ['POST', '/api/v1/namespaces/x/events', { verb: 'create', resource: 'events in namespace "x"' }],
  ['GET', '/version', { verb: 'get', resource: '/version' }],
])('names %s %s in the words of RBAC', (method, path, call) => {
  expect(describeCall(method, path)).toEqual(call);
});

it('names a watch', () => {
  expect(describeCall('GET', '/api/v1/secrets', true).verb).toBe('watch');
});
