import { describe, expect, it } from '@jest/globals';
import { findSameSyncs } from './same-sync.ts';

type Syncs = Parameters<typeof findSameSyncs>[0];
type Settings = Syncs[number]['settings'];

const settings: Settings = {
  LABEL: 'dashboard',
  LABEL_VALUE: undefined,
  NAMESPACE: ['a', 'b'],
  RESOURCE: 'configmap',
  RESOURCE_NAME: undefined,
  FOLDER: '/files',
};

/** Syncs called `a`, `b`, … with what differs from `settings`. */
function syncs(...differences: Partial<Settings>[]): Syncs {
  return differences.map((difference, index) => ({
    name: 'abc'.charAt(index),
    settings: { ...settings, ...difference },
  }));
}

describe('two syncs', () => {
  it.each<[string, Partial<Settings>]>([
    ['LABEL', { LABEL: 'alert' }],
    ['LABEL_VALUE', { LABEL_VALUE: '1' }],
    ['NAMESPACE', { NAMESPACE: ['a'] }],
    ['NAMESPACE, being that of the pod', { NAMESPACE: undefined }],
    ['NAMESPACE, being all', { NAMESPACE: 'ALL' }],
    ['RESOURCE', { RESOURCE: 'both' }],
    ['RESOURCE_NAME', { RESOURCE_NAME: [{ name: 'a' }] }],
    ['FOLDER', { FOLDER: '/others' }],
  ])('differ by their %s', (_setting, difference) => {
    expect(findSameSyncs(syncs({}, difference), 'own')).toBeUndefined();
  });

  it.each<[string, Partial<Settings>, Partial<Settings>]>([
    ['all of it is equal', {}, {}],
    ['the label selector is written in another way', { LABEL: 'a', LABEL_VALUE: 'b' }, { LABEL: 'a=b' }],
    ['one names the namespace of the pod', { NAMESPACE: undefined }, { NAMESPACE: ['own'] }],
    ['the namespaces come in another order', {}, { NAMESPACE: ['b', 'a'] }],
    [
      'they name the same objects in another way',
      { RESOURCE_NAME: [{ name: 'a' }, { name: 'b' }], NAMESPACE: undefined },
      { RESOURCE_NAME: [{ name: 'b' }, { namespace: 'own', kind: 'configmap', name: 'a' }], NAMESPACE: undefined },
    ],
  ])('are the same where %s', (_case, first, second) => {
    expect(findSameSyncs(syncs(first, second), 'own')).toEqual(['a', 'b']);
  });

  it('are found among others', () => {
    expect(findSameSyncs(syncs({ FOLDER: '/others' }, {}, {}), 'own')).toEqual(['b', 'c']);
  });
});

it('a sync alone is no other one', () => {
  expect(findSameSyncs([{ name: null, settings }], 'own')).toBeUndefined();
});
