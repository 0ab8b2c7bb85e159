import { describe, expect, it } from '@jest/globals';
import { text } from '../../shared/settings/kind.ts';
import type { Override } from '../../shared/settings/read-settings.ts';
import { setting } from '../../shared/settings/setting.ts';
import type { Policy } from './policy.ts';
import { valueFault } from './value-rules.ts';

/** What a policy has against a value of a row, as far as a text can say it. */
function faultOf(row: string, value: string | undefined, policy: Policy): unknown {
  const rowOfTest = setting({ kind: text(), default: '', description: 'A row of this test.' });
  const override: Override = { row, sync: null, setting: rowOfTest, key: row, value, otherwise: undefined };
  return valueFault(override, { policy, namespace: 'shop' });
}

describe('the image of a pod', () => {
  const imagePrefixes = ['registry.example.com/team', 'docker.io/library/busybox'];

  it('may be one of the prefixes or below', () => {
    expect(faultOf('IMAGE', 'registry.example.com/team/sync-sidecar:2', { imagePrefixes })).toBeUndefined();
  });

  it('may be no other', () => {
    expect(faultOf('IMAGE', 'registry.example.com/team-evil/sync-sidecar:2', { imagePrefixes })).toEqual({
      fault: 'is an image that policy.imagePrefixes does not allow',
      accepts: 'images of registry.example.com/team, docker.io/library/busybox',
    });
  });

  it.each<Policy>([{}, { imagePrefixes: [] }])('may be none where nothing allows any: %j', (policy) => {
    expect(faultOf('IMAGE', 'registry.example.com/team/sync-sidecar:2', policy)).toEqual({
      fault: 'is an image that policy.imagePrefixes does not allow',
      accepts: 'no image of a pod',
    });
  });
});

describe('the resources of a pod', () => {
  const resources = { cpu: '500m', memory: '256Mi', volume: '1Gi' };

  it.each([
    ['CPU_REQUEST', '0.5'],
    ['CPU_LIMIT', '500m'],
    ['MEMORY_REQUEST', '262144Ki'],
    ['MEMORY_LIMIT', '268435456'],
    ['VOLUME_SIZE_LIMIT', '1024Mi'],
  ])('may be as much as the policy says, however it is written: %s=%s', (row, value) => {
    expect(faultOf(row, value, { resources })).toBeUndefined();
  });

  it.each([
    ['CPU_REQUEST=501m', 'cpu', '500m'],
    ['CPU_LIMIT=1', 'cpu', '500m'],
    ['MEMORY_REQUEST=0.3G', 'memory', '256Mi'],
    ['MEMORY_LIMIT=268435457', 'memory', '256Mi'],
    ['VOLUME_SIZE_LIMIT=1.1Gi', 'volume', '1Gi'],
  ])('may not be more: %s', (given, name, most) => {
    const [row = '', value] = given.split('=');

    expect(faultOf(row, value, { resources })).toEqual({
      fault: `is more than policy.resources.${name} allows`,
      accepts: `at most ${most}`,
    });
  });

  it('may be anything where the policy says nothing of it', () => {
    expect(faultOf('MEMORY_LIMIT', '1Ti', { resources: { cpu: '1' } })).toBeUndefined();
    expect(faultOf('MEMORY_LIMIT', '1Ti', {})).toBeUndefined();
  });
});

it.each(['IMAGE', 'MEMORY_LIMIT', 'NAMESPACE', 'RESOURCE_NAME', 'FOLDER', 'REQ_URL'])(
  'a value that is not accepted anyway has no second problem: %s',
  (row) => {
    const policy: Policy = { imagePrefixes: [], resources: { memory: '1' }, namespaces: [], folders: [], urlHosts: [] };

    expect(faultOf(row, undefined, policy)).toBeUndefined();
  },
);

it('a setting that no rule is about has none', () => {
  expect(faultOf('SCRIPT', '/a', {})).toBeUndefined();
});
