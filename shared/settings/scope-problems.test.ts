import { expect, it } from '@jest/globals';
import { annotationNaming, environmentNaming } from './naming.ts';
import { describeProblem } from './problem.ts';
import { scopeProblems } from './scope-problems.ts';
import type { SourceSettings } from './sync-scopes.ts';

const settings: SourceSettings = {
  LABEL: 'dashboard',
  LABEL_VALUE: undefined,
  NAMESPACE: undefined,
  RESOURCE: 'configmap',
  RESOURCE_NAME: undefined,
};

const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${index}`);
const named = (count: number): SourceSettings['RESOURCE_NAME'] => many(count).map((name) => ({ name }));

function problems(...differences: Partial<SourceSettings>[]): string[] {
  const syncs = differences.map((difference, index) => ({
    name: differences.length > 1 ? `s${index}` : null,
    settings: { ...settings, ...difference },
  }));
  return scopeProblems(syncs, annotationNaming).map(describeProblem);
}

it.each<[string, Partial<SourceSettings>[]]>([
  ['a label in the own namespace', [{}]],
  ['a label in 500 namespaces, for both kinds', [{ NAMESPACE: many(500), RESOURCE: 'both' }]],
  ['a label in all namespaces', [{ NAMESPACE: 'ALL', RESOURCE: 'both' }]],
  ['1000 names in all namespaces', [{ NAMESPACE: 'ALL', RESOURCE_NAME: named(1000) }]],
  [
    '1000 names of one kind each',
    [{ RESOURCE: 'both', RESOURCE_NAME: many(1000).map((name) => ({ name, kind: 'secret' })) }],
  ],
  [
    '1000 objects, each in its namespace',
    [{ NAMESPACE: many(9), RESOURCE_NAME: many(1000).map((name) => ({ namespace: 'x', name })) }],
  ],
  ['two syncs with 500 each', [{ RESOURCE_NAME: named(500) }, { NAMESPACE: many(500) }]],
])('can be watched: %s', (_what, syncs) => {
  expect(problems(...syncs)).toEqual([]);
});

it('names times namespaces times kinds are refused in one problem that names the settings', () => {
  expect(problems({ NAMESPACE: many(1000), RESOURCE: 'both', RESOURCE_NAME: named(2000) })).toEqual([
    'sync-sidecar.io/resource-name: with sync-sidecar.io/namespace and sync-sidecar.io/resource makes 4000000 collections to watch; accepts at most 1000: one for each name, in each namespace, of each kind; sync-sidecar.io/namespace=ALL counts as one namespace',
  ]);
});

it('of several syncs the one with the most is told', () => {
  expect(problems({}, { NAMESPACE: many(1000) })).toEqual([
    's1.sync-sidecar.io/namespace: with s1.sync-sidecar.io/resource makes 1001 collections to watch of all 2 syncs; accepts at most 1000: one for each name, in each namespace, of each kind; s1.sync-sidecar.io/namespace=ALL counts as one namespace',
  ]);
});

it('are spelled as the settings are', () => {
  const [problem] = scopeProblems(
    [{ name: null, settings: { ...settings, NAMESPACE: many(1001) } }],
    environmentNaming,
  );
  expect(problem).toMatchObject({ where: 'NAMESPACE', fault: 'with RESOURCE makes 1001 collections to watch' });
});
