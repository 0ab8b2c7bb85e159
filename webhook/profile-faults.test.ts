import { describe, expect, it } from '@jest/globals';
import type { Profile } from './configuration/configuration.ts';
import { profileFaults } from './profile-faults.ts';

const complete = { label: 'dashboard', folder: '/tmp/dashboards' };

function faults(profile: Profile, defaults: Profile = {}): string[] {
  return profileFaults({ defaults, profiles: new Map([['grafana', profile]]) }, 'example.com/sync-sidecar:1');
}

describe('a profile that no pod can have', () => {
  it('is told for folders that lie in each other', () => {
    const nested = { syncs: 'a,b', label: 'x', 'a.folder': '/tmp/a', 'b.folder': '/tmp/a/b' };

    expect(faults(nested)).toEqual([
      'profile grafana: the folder /tmp/a/b lies within the folder /tmp/a of another sync; give them folders side by side',
    ]);
  });

  it('is told for less memory than its volume takes', () => {
    expect(faults({ ...complete, resource: 'secret', 'memory-limit': '32Mi' })).toEqual([
      expect.stringMatching(/^profile grafana: 1 problem with the settings: profile grafana: memory-limit="32Mi": /),
    ]);
  });

  it('is told with what the defaults add', () => {
    expect(faults(complete, { resource: 'secret', 'memory-limit': '32Mi' })).toHaveLength(1);
  });
});

describe('nothing is told of a profile', () => {
  it.each<Profile>([
    complete,
    {},
    { ...complete, folder: '' },
    { ...complete, volume: 'data' },
    { ...complete, 'mount-containers': 'grafana' },
    { ...complete, position: 'istio-proxy' },
  ])('that some pods can have: %j', (profile) => {
    expect(faults(profile)).toEqual([]);
  });
});
