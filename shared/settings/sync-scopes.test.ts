import { describe, expect, it } from '@jest/globals';
import { resourceNames } from './kubernetes-kind.ts';
import { scopesOf, syncIdentity, type SourceSettings } from './sync-scopes.ts';

const settings: SourceSettings = {
  LABEL: 'dashboard',
  LABEL_VALUE: '1',
  NAMESPACE: undefined,
  RESOURCE: 'configmap',
  RESOURCE_NAME: undefined,
};

function scopes(difference: Partial<SourceSettings> = {}) {
  return scopesOf({ ...settings, ...difference }, 'own');
}

/** The scopes of a RESOURCE_NAME, as kind, namespace and name. */
function named(RESOURCE_NAME: string, difference: Partial<SourceSettings> = {}): string[] {
  const names = resourceNames.parse(RESOURCE_NAME);
  return scopes({ RESOURCE_NAME: names, ...difference }).map((scope) => {
    expect(scope.labelSelector).toBeUndefined();
    return `${scope.kind} ${scope.namespace ?? '*'} ${scope.name}`;
  });
}

describe('objects selected by a label', () => {
  it("are those of the pod's own namespace", () => {
    expect(scopes()).toEqual([{ kind: 'configmap', namespace: 'own', labelSelector: 'dashboard=1' }]);
  });

  it('are those of every kind in every namespace, Secrets first', () => {
    const labelSelector = 'dashboard=1';
    expect(scopes({ RESOURCE: 'both', NAMESPACE: ['a', 'b'] })).toEqual([
      { kind: 'secret', namespace: 'a', labelSelector },
      { kind: 'secret', namespace: 'b', labelSelector },
      { kind: 'configmap', namespace: 'a', labelSelector },
      { kind: 'configmap', namespace: 'b', labelSelector },
    ]);
  });

  it('are one collection where they are in all namespaces', () => {
    expect(scopes({ NAMESPACE: 'ALL' })).toEqual([{ kind: 'configmap', labelSelector: 'dashboard=1' }]);
  });
});

describe('objects selected by name', () => {
  it('"name" is of the kinds of RESOURCE, in every namespace of NAMESPACE', () => {
    expect(named('a', { RESOURCE: 'both', NAMESPACE: ['x', 'y'] })).toEqual([
      'secret x a',
      'secret y a',
      'configmap x a',
      'configmap y a',
    ]);
    expect(named('a', { NAMESPACE: 'ALL' })).toEqual(['configmap * a']);
  });

  it('"kind/name" is of that kind, whatever RESOURCE says', () => {
    expect(named('secret/a')).toEqual(['secret own a']);
  });

  it('"namespace/kind/name" is that object, whatever RESOURCE and NAMESPACE say', () => {
    expect([named('z/secret/a'), named('z/secret/a', { NAMESPACE: 'ALL' })]).toEqual([['secret z a'], ['secret z a']]);
  });

  it('are in one collection each, however often they are named', () => {
    expect(named('a,configmap/a,own/configmap/a,b')).toEqual(['configmap own a', 'configmap own b']);
    expect(named('own/configmap/a,a', { NAMESPACE: 'ALL' })).toEqual(['configmap * a']);
  });
});

describe('the identity of a sync', () => {
  const identity = (difference: Partial<SourceSettings> = {}, folder = '/files') =>
    syncIdentity(scopes(difference), folder);
  const names = (given: string): Partial<SourceSettings> => ({ RESOURCE_NAME: resourceNames.parse(given) });

  it.each<[string, Partial<SourceSettings>, Partial<SourceSettings>]>([
    ['namespaces', { NAMESPACE: ['a', 'b'] }, { NAMESPACE: ['b', 'a'] }],
    ['names', names('a,b'), names('b,a')],
  ])('does not depend on the order of %s', (_what, one, other) => {
    expect(identity(one)).toBe(identity(other));
  });

  it('is that of the objects, not of the words that select them', () => {
    expect(identity(names('a'))).toBe(identity({ ...names('own/configmap/a'), LABEL: 'other' }));
  });

  it.each<[string, string]>([
    ['folder', identity({}, '/others')],
    ['label', identity({ LABEL: 'other' })],
    ['namespace', identity({ NAMESPACE: ['a'] })],
    ['namespace, being all', identity({ NAMESPACE: 'ALL' })],
    ['kind', identity({ RESOURCE: 'secret' })],
    ['selection by name', identity(names('dashboard'))],
  ])('is another one with another %s', (_what, other) => {
    expect(other).not.toBe(identity());
  });
});
