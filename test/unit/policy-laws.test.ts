import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type { Configuration } from '../../webhook/configuration/configuration.ts';
import { decide, type Decision } from '../../webhook/decision.ts';
import type { Policy } from '../../webhook/policy/policy.ts';

const defaults = { 'log-level': 'WARN', 'req-url': 'https://platform.example/' };
const profiles = new Map([
  ['default', {}],
  ['grafana', { folder: '/platform', namespace: 'ALL' }],
]);

/** What a pod may say of each setting. Much of it holds anyway or is harmless, so that policies let some pods through. */
const choices: Readonly<Record<string, readonly string[]>> = {
  inject: ['true', 'true', 'true', 'false'],
  profile: ['default', 'grafana'],
  syncs: ['a,b'],
  label: ['dashboard', 'dashboard', 'app=x'],
  folder: ['/etc/a', '/etc/a/b', '/etc/ab', '/platform', '/etc/a/../b'],
  namespace: ['shop', 'shared-a', 'ALL', 'kube-system', 'shop,other'],
  'resource-name': ['a', 'shared-a/configmap/a', 'other/secret/a'],
  'log-level': ['WARN', 'warn', 'DEBUG', 'LOUD'],
  'req-url': [
    'http://localhost/',
    'https://platform.example/',
    'https://evil.example/',
    'https://user:word@a.example/',
  ],
  script: ['/a'],
  'memory-request': ['64Mi', '65536Ki', '10Gi'],
  'memory-limit': ['32Mi', '1Gi'],
  'volume-medium': ['memory'],
  'skip-tls-verify': ['true'],
};

/** The annotations of a pod: most settings left out, some for one sync alone. */
function annotations(): Arbitrary<Record<string, string>> {
  const entry = fc.constantFrom(...Object.keys(choices)).chain((name) =>
    fc.record({
      key: fc.constantFrom(`sync-sidecar.io/${name}`, `sync-sidecar.io/${name}`, `a.sync-sidecar.io/${name}`),
      value: fc.constantFrom(...(choices[name] ?? [])),
    }),
  );
  return fc.array(entry, { maxLength: 5 }).map((entries) => ({
    'sync-sidecar.io/inject': 'true',
    'sync-sidecar.io/label': 'dashboard',
    'sync-sidecar.io/folder': '/etc/a',
    ...Object.fromEntries(entries.map(({ key, value }) => [key, value])),
  }));
}

const rows = [
  'LABEL',
  'FOLDER',
  'NAMESPACE',
  'RESOURCE_NAME',
  'LOG_LEVEL',
  'REQ_URL',
  'SCRIPT',
  'PROFILE',
  'SYNCS',
  'MEMORY_LIMIT',
];

function policy(): Arbitrary<Policy> {
  const rules = {
    settings: fc.record({ allow: fc.subarray(rows, { minLength: 5 }), deny: few(rows) }, { requiredKeys: [] }),
    locked: few(rows.filter((row) => row !== 'PROFILE')),
    namespaces: fc.subarray(['shared-*', '*', 'other']),
    folders: fc.subarray(['/etc/a', '/etc', '/platform'], { minLength: 1 }),
    urlHosts: fc.subarray(['platform.example', '*.example']),
    resources: fc.constantFrom({ memory: '200Mi' }, { memory: '512Mi' }),
    profiles: fc.constant(new Map([['grafana', { namespaces: ['team-*'] }]])),
  };
  return fc.record(rules, { requiredKeys: [] });
}

function few(from: readonly string[]): Arbitrary<string[]> {
  return fc.subarray([...from], { maxLength: 2 });
}

function decideWith(given: Record<string, string>, rules?: Policy): Decision {
  const configuration: Configuration = { defaults, profiles, ...(rules && { policy: rules }) };
  const pod = { metadata: { annotations: given }, spec: { containers: [{ name: 'app' }] } };
  return decide(pod, { namespace: 'shop', namespaceLabel: undefined, configuration, image: 'sidecar:1' });
}

/** Every rule of both; where both have a list of what is allowed, what both allow. */
function both(one: Policy, other: Policy): Policy {
  const allow = [one.settings?.allow, other.settings?.allow].filter((list) => list !== undefined);
  const lists = (name: 'namespaces' | 'folders' | 'urlHosts'): object => {
    const [first, second] = [one[name], other[name]].filter((list) => list !== undefined);
    return first ? { [name]: second ? first.filter((item) => second.includes(item)) : first } : {};
  };
  return {
    ...other,
    ...one,
    settings: {
      deny: [...(one.settings?.deny ?? []), ...(other.settings?.deny ?? [])],
      ...(allow[0] && { allow: allow[0].filter((row) => allow.every((list) => list.includes(row))) }),
    },
    locked: [...(one.locked ?? []), ...(other.locked ?? [])],
    ...lists('namespaces'),
    ...lists('folders'),
    ...lists('urlHosts'),
  };
}

function namesRule(decision: Decision): boolean {
  return decision.outcome === 'refuse' && decision.message.includes('policy.');
}

const runs = { numRuns: 1500, seed: 7 };

describe('a policy', () => {
  it('changes no decision but to a refusal that names the rule', () => {
    let refused = 0;

    fc.assert(
      fc.property(annotations(), policy(), (given, rules) => {
        const without = decideWith(given);
        const decision = decideWith(given, rules);
        if (!namesRule(decision)) return expect(decision).toEqual(without);
        refused++;
        // Who didn't ask, or opted out, is no business of the policy.
        expect(without.outcome).not.toBe('admit');
      }),
      runs,
    );

    expect([refused > runs.numRuns / 5, refused < (runs.numRuns * 4) / 5]).toEqual([true, true]);
  });

  it('with one more rule admits no pod that it refused', () => {
    let refused = 0;

    fc.assert(
      fc.property(annotations(), policy(), policy(), (given, rules, more) => {
        if (decideWith(given, rules).outcome !== 'refuse') return;
        refused++;
        expect(decideWith(given, both(rules, more)).outcome).toBe('refuse');
      }),
      runs,
    );

    expect(refused).toBeGreaterThan(runs.numRuns / 10);
  });

  it('refuses no pod that says nothing but what holds without it', () => {
    fc.assert(
      fc.property(policy(), ({ settings: _, profiles: __, ...rules }) => {
        const repeated = {
          'sync-sidecar.io/log-level': 'WARN',
          'sync-sidecar.io/req-url': 'https://platform.example/',
        };
        const given = { 'sync-sidecar.io/inject': 'true', 'sync-sidecar.io/profile': 'grafana', ...repeated };
        const platform: Configuration = {
          defaults: { ...defaults, label: 'dashboard' },
          profiles,
          policy: rules,
        };
        const pod = { metadata: { annotations: given }, spec: { containers: [{ name: 'app' }] } };
        const options = { namespace: 'shop', namespaceLabel: undefined, configuration: platform, image: 'sidecar:1' };
        expect(decide(pod, options).reason).toBe('injected');
      }),
      runs,
    );
  });
});
