import { expect, it } from '@jest/globals';
import { annotationNaming } from '../../shared/settings/naming.ts';
import { describeProblem } from '../../shared/settings/problem.ts';
import { readSettings } from '../../shared/settings/read-settings.ts';
import { ourAnnotations } from '../../test/pod-settings-of.ts';
import { podSettings } from '../pod-settings.ts';
import { policyProblems } from './policy-problems.ts';
import type { Policy } from './policy.ts';

it('an annotation that speaks for all syncs is judged once', () => {
  const syncs = ['a', 'b', 'c', 'd'];
  const annotations = ourAnnotations({ label: 'x', syncs: syncs.join(), folder: '/a', 'd/namespace': 'two' });
  const entries = { ...annotations, 'sync-sidecar.io/namespace': 'one' };
  const { overrides } = readSettings(podSettings, [{ naming: annotationNaming, entries }]);
  let judged = 0;
  const policy: Policy = {
    get namespaces() {
      judged++;
      return ['two'];
    },
  };

  const context = { policy, namespace: 'x', resourcesWithout: () => ({}) };
  const [problem, ...others] = policyProblems(overrides, context).map(describeProblem);

  expect([problem, others, judged]).toEqual([
    'sync-sidecar.io/namespace="one": names one, which policy.namespaces does not allow; accepts the pod\'s own namespace, two',
    [],
    2,
  ]);
});
