import { describe, expect, it } from '@jest/globals';
import { annotationNaming } from '../../shared/settings/naming.ts';
import { readSettings } from '../../shared/settings/read-settings.ts';
import { podSettings } from '../pod-settings.ts';
import { accessNeeds } from './access-needs.ts';

/** What a sidecar in a pod of namespace `shop` needs, a line each: what is enough, then what is worth granting. */
function needsOf(settings: Record<string, string>): string[] {
  const given = { label: 'dashboard', folder: '/a', ...settings };
  const entries = Object.fromEntries(
    Object.entries(given).map(([key, value]) => [key.includes('/') ? key : `sync-sidecar.io/${key}`, value]),
  );
  const reading = readSettings(podSettings, [{ naming: annotationNaming, entries }]);
  return accessNeeds(reading.settings!, 'shop').map(({ resource, namespace = '*', name, enough, verbs }) => {
    const object = name === undefined ? resource : `${resource} ${name}`;
    return `${namespace}: ${enough.map((set) => set.join('+')).join(' or ')} ${object}; grant ${verbs.join(',')}`;
  });
}

describe('what a sidecar has to be allowed', () => {
  it.each<[string, Record<string, string>, string[]]>([
    ['follows ConfigMaps of its own namespace', {}, ['shop: list+watch configmaps; grant get,list,watch']],
    [
      'follows both kinds',
      { resource: 'both' },
      ['shop: list+watch secrets; grant get,list,watch', 'shop: list+watch configmaps; grant get,list,watch'],
    ],
    [
      'follows several namespaces',
      { namespace: 'a,b' },
      ['a: list+watch configmaps; grant get,list,watch', 'b: list+watch configmaps; grant get,list,watch'],
    ],
    ['follows all namespaces', { namespace: 'ALL' }, ['*: list+watch configmaps; grant get,list,watch']],
    ['lists once', { method: 'LIST' }, ['shop: list configmaps; grant get,list']],
    ['lists now and then', { method: 'SLEEP' }, ['shop: list configmaps; grant get,list']],
    [
      'follows objects by name, which may be asked for as well',
      { 'resource-name': 'a,secret/b,x/configmap/c' },
      [
        'shop: get or list configmaps a; grant get,list,watch',
        'shop: get or list secrets b; grant get,list,watch',
        'x: get or list configmaps c; grant get,list,watch',
      ],
    ],
    [
      'gets an object by name once',
      { 'resource-name': 'a', method: 'LIST' },
      ['shop: get or list configmaps a; grant get'],
    ],
    [
      'follows a name in all namespaces, where nobody can ask for one object',
      { 'resource-name': 'a', namespace: 'ALL' },
      ['*: list+watch configmaps a; grant get,list,watch'],
    ],
  ])('when it %s', (_what, settings, needs) => {
    expect(needsOf(settings)).toEqual(needs);
  });

  it('is what all its syncs need, each once', () => {
    expect(
      needsOf({
        syncs: 'a,b,c',
        'a.sync-sidecar.io/folder': '/x',
        'b.sync-sidecar.io/folder': '/y',
        'c.sync-sidecar.io/method': 'LIST',
        'c.sync-sidecar.io/resource': 'both',
      }),
    ).toEqual([
      'shop: list+watch configmaps; grant get,list,watch',
      'shop: list secrets; grant get,list',
      'shop: list configmaps; grant get,list',
    ]);
  });
});
