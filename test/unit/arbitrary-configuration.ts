import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type { Configuration, Profile } from '../../webhook/configuration/configuration.ts';

/** What a platform says of all pods, or of those with a profile: some of it shapes the injection, some shows in its settings alone. */
const choices: Readonly<Record<string, readonly string[]>> = {
  label: ['dashboard', 'app=x'],
  folder: ['/etc/dashboards', '/etc/other'],
  resource: ['secret'],
  method: ['LIST'],
  'log-level': ['DEBUG'],
  'req-url': ['http://localhost/'],
  position: ['last'],
  image: ['example.com/mirror/sync-sidecar:3'],
  'volume-medium': ['memory'],
  'health-port': ['9000'],
  'mount-containers': ['app-0'],
};

/** A configuration as replicas may have it while a new one arrives. */
export function arbitraryConfiguration(): Arbitrary<Configuration> {
  const policy = fc.record(
    {
      settings: fc.record({ deny: fc.subarray(['LABEL', 'RESOURCE', 'SYNCS']) }),
      locked: fc.subarray(['FOLDER', 'METHOD']),
      imagePrefixes: fc.constant(['example.com/mirror']),
    },
    { requiredKeys: [] },
  );
  const profiles = fc.record({ default: profile(), grafana: profile() }, { requiredKeys: ['default'] });
  return fc
    .record({ defaults: profile(), profiles, policy }, { requiredKeys: ['defaults', 'profiles'] })
    .map(({ profiles: named, ...rest }) => ({ ...rest, profiles: new Map(Object.entries(named)) }));
}

function profile(): Arbitrary<Profile> {
  const values = Object.entries(choices).map(([name, texts]) => [name, fc.constantFrom(...texts)] as const);
  return fc
    .record(Object.fromEntries(values), { requiredKeys: [] })
    .chain((all) =>
      fc
        .subarray(Object.keys(all), { maxLength: 3 })
        .map((chosen) => Object.fromEntries(chosen.map((name) => [name, all[name]!]))),
    );
}
