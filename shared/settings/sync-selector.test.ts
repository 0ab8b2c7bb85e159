import { expect, it } from '@jest/globals';
import { annotationNaming, environmentNaming } from './naming.ts';
import { describeProblem } from './problem.ts';
import { selectorProblems } from './sync-selector.ts';

function problemsWith(LABEL: string, LABEL_VALUE: string | undefined, names: readonly string[] = []): string[] {
  const RESOURCE_NAME = names.length === 0 ? undefined : names.map((name) => ({ name }));
  const sync = { name: null, settings: { LABEL, LABEL_VALUE, RESOURCE_NAME } };
  return selectorProblems([sync], environmentNaming).map(describeProblem);
}

it.each([
  ['app', undefined],
  ['app', 'grafana'],
  ['app=grafana', undefined],
  ['tier in (a,b),app', 'grafana'],
  ['app', 'grafana,tier!=b'],
])('%s with the value %s is a selector', (label, value) => {
  expect(problemsWith(label, value)).toEqual([]);
});

it.each(['app=grafana', 'app!=grafana', '!app', 'app in (a,b)'])(
  '%s is a whole selector, to which no value can be added',
  (label) => {
    expect(problemsWith(label, '1')).toEqual([
      `LABEL_VALUE="1": cannot be added to LABEL="${label}"; accepts a value only where the label is a key`,
    ]);
  },
);

it('labels do not count with RESOURCE_NAME', () => {
  expect(problemsWith('app=grafana', '1', ['a'])).toEqual([]);
});

it('the problem is that of one sync, spelled as its settings are', () => {
  const settings = { LABEL: 'app', LABEL_VALUE: '1', RESOURCE_NAME: undefined };
  const syncs = [
    { name: 'a', settings },
    { name: 'b', settings: { ...settings, LABEL: 'x=y' } },
  ];
  expect(selectorProblems(syncs, annotationNaming)).toEqual([
    {
      where: 'b.sync-sidecar.io/label-value',
      kind: 'not-accepted',
      given: '1',
      fault: 'cannot be added to b.sync-sidecar.io/label="x=y"',
      accepts: 'a value only where the label is a key',
    },
  ]);
});
