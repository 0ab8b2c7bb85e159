import { expect } from 'expect';
import fc, { type Arbitrary } from 'fast-check';
import { parseDocument, visit } from 'yaml';
import { profileNaming } from '../../shared/settings/naming.ts';
import { describeProblem, problemLines } from '../../shared/settings/problem.ts';
import { parseConfiguration, type Configuration } from '../../webhook/configuration/configuration.ts';
import { decide } from '../../webhook/decision.ts';
import { podSettings } from '../../webhook/pod-settings.ts';
import { fuzzTarget } from './fuzz-target.ts';
import { hostileText } from './hostile-text.ts';
import { yamlText } from './yaml-text.ts';

/** Configuration files of any content: a configuration or problems, and by what is accepted every pod is decided. */
export const configurationTarget = fuzzTarget({
  name: 'configuration',
  share: 20,
  start: () => ({
    arbitrary: yamlText(fc.oneof(acceptableConfigurations(), configurations())),
    holds: configurationHolds,
  }),
});

function configurations(): Arbitrary<unknown> {
  const rows = [...Object.keys(podSettings.process), ...Object.keys(podSettings.sync)];
  const name = fc.constantFrom(...rows).map((row) => profileNaming.spell({ row, sync: null }));
  const right = fc.constantFrom('a', '/b', 'true', 'false', '5', 5, 10.5, true, null, ['a', 'b'], 'a in (b)', '10s');
  const value = fc.oneof(right, hostileText(), fc.jsonValue({ maxDepth: 2 }));
  const profile = fc.oneof({ arbitrary: fc.dictionary(name, value, { maxKeys: 4 }), weight: 4 }, fc.jsonValue());
  const profileName = fc.oneof(fc.constantFrom('default', 'grafana', 'true'), hostileText());
  return fc.record(
    {
      apiVersion: fc.constant('sync-sidecar.io/v1alpha1'),
      kind: fc.constant('InjectionConfiguration'),
      defaults: profile,
      profiles: fc.oneof({ arbitrary: fc.dictionary(profileName, profile, { maxKeys: 3 }), weight: 4 }, fc.jsonValue()),
      policy: fc.jsonValue(),
    },
    { requiredKeys: ['apiVersion', 'kind'] },
  );
}

const acceptable = {
  label: ['a', 'a in (b)'],
  folder: ['/b', '/c/d'],
  method: ['LIST', 'WATCH'],
  resource: ['secret', 'both'],
  namespace: ['ALL', 'x,y'],
  'log-level': ['DEBUG'],
  'req-url': ['http://localhost/'],
  'volume-medium': ['memory'],
  'memory-limit': ['128Mi'],
  'skip-tls-verify': ['true', false],
};

/** What is accepted as it stands: a platform's settings, and rules of every kind for pods. */
function acceptableConfigurations(): Arbitrary<unknown> {
  const profile = fc.record(
    Object.fromEntries(Object.entries(acceptable).map(([name, values]) => [name, fc.constantFrom(...values)])),
    { requiredKeys: [] },
  );
  const named = fc.record({ default: profile, grafana: profile }, { requiredKeys: [] });
  return fc.record({
    apiVersion: fc.constant('sync-sidecar.io/v1alpha1'),
    kind: fc.constant('InjectionConfiguration'),
    defaults: profile,
    profiles: named,
    policy: acceptablePolicy(),
  });
}

function acceptablePolicy(): Arbitrary<unknown> {
  const names = fc.subarray(['label', 'folder', 'method', 'log-level']);
  const rules = {
    settings: fc.record({ allow: names, deny: names }, { requiredKeys: [] }),
    locked: names,
    imagePrefixes: fc.subarray(['example.com/mirror', 'other.example']),
    resources: fc.record({ cpu: fc.constant('1'), memory: fc.constant('1Gi') }, { requiredKeys: [] }),
    namespaces: fc.subarray(['shared-*', '*']),
    folders: fc.subarray(['/b', '/c']),
    urlHosts: fc.subarray(['*.example', 'a.example']),
    profiles: fc.constant({ default: { namespaces: ['team-*', 'x'] } }),
  };
  return fc.record(rules, { requiredKeys: [] });
}

function configurationHolds(text: string): boolean {
  const { configuration, problems } = parseConfiguration(text, 'file.yaml');
  // The one or the other, and every problem can be told.
  expect([configuration === null, problems.map(describeProblem).length > 0]).toEqual(
    configuration === null ? [true, true] : [false, false],
  );
  expect(problemLines(problems).join('\n').length).toBeLessThan(mostCharacters);
  if (!configuration) return false;
  expect(tagsIn(text)).toEqual([]);
  for (const name of configuration.profiles.keys()) decideBy(configuration, name);
  return true;
}

// Twenty lines, of which no part is longer than 1000 characters.
const mostCharacters = 100_000;

/** What makes something else of a value than its text. */
function tagsIn(text: string): string[] {
  const tags: string[] = [];
  visit(parseDocument(text, { schema: 'failsafe' }), {
    Node: (_key, { tag }) => void (tag !== undefined && tags.push(tag)),
  });
  return tags;
}

function decideBy(configuration: Configuration, profile: string): void {
  const annotations = {
    'sync-sidecar.io/inject': 'true',
    'sync-sidecar.io/profile': profile,
    'sync-sidecar.io/label': 'a',
  };
  const pod = { metadata: { annotations }, spec: { containers: [{ name: 'app' }] } };
  const decided = decide(pod, { namespace: 'x', namespaceLabel: undefined, configuration, image: 'sidecar:1' });
  expect(['inject', 'refuse']).toContain(decided.outcome);
}
