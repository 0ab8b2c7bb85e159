import { describe, expect, it } from '@jest/globals';
import { describeProblem } from '../shared/settings/problem.ts';
import { podSettingsOf } from '../test/pod-settings-of.ts';
import type { Pod } from './pod.ts';
import { resourceProblems } from './resource-problems.ts';

const burstable: Pod = { spec: { containers: [{ name: 'app' }] } };
const guaranteed: Pod = {
  spec: { containers: [{ name: 'app', resources: { limits: { cpu: '1', memory: '1Gi' } } }] },
};
const ofThePod: Pod = { spec: { ...guaranteed.spec, resources: { limits: { cpu: '1', memory: '1Gi' } } } };

function problemsOf(pod: Pod, settings: Record<string, string>, volumeMi = 0): string[] {
  const all = podSettingsOf({ label: 'a', folder: '/a', ...settings });
  return resourceProblems(pod, all, volumeMi * 1024 ** 2).map(describeProblem);
}

describe('requests and limits', () => {
  it.each<[Record<string, string>]>([
    [{}],
    [{ 'cpu-request': '100m', 'cpu-limit': '0.1' }],
    [{ 'cpu-request': '100m', 'memory-limit': '80Mi' }],
  ])('are accepted in any pod: %j', (settings) => {
    for (const pod of [burstable, guaranteed, ofThePod]) expect(problemsOf(pod, settings)).toEqual([]);
  });

  it('are refused where the request is the larger one', () => {
    const settings = { 'cpu-request': '1', 'cpu-limit': '999m', 'memory-request': '1Gi', 'memory-limit': '1000Mi' };

    expect(problemsOf(burstable, settings)).toEqual([
      'sync-sidecar.io/cpu-request="1": is more than sync-sidecar.io/cpu-limit="999m"; accepts at most 999m',
      'sync-sidecar.io/memory-request="1Gi": is more than sync-sidecar.io/memory-limit="1000Mi"; accepts at most 1000Mi',
    ]);
  });

  it('are refused where they differ and the pod would no longer be Guaranteed', () => {
    const settings = { 'cpu-request': '100m', 'cpu-limit': '200m' };

    expect(problemsOf(guaranteed, settings)).toEqual([
      'sync-sidecar.io/cpu-request="100m": differs from sync-sidecar.io/cpu-limit="200m", and the pod would no longer be of the QoS class Guaranteed; accepts 200m, or one of the two alone',
    ]);
    expect([problemsOf(burstable, settings), problemsOf(ofThePod, settings)]).toEqual([[], []]);
  });

  it('are refused where the files in memory leave no room', () => {
    expect(problemsOf(burstable, { 'memory-limit': '64Mi' }, 64)).toEqual([
      'sync-sidecar.io/memory-limit="64Mi": leaves the sidecar less than 32Mi beside its volume of 64Mi; accepts at least 96Mi',
    ]);
    expect(problemsOf(guaranteed, { 'memory-request': '32Mi' }, 64)).toEqual([
      'sync-sidecar.io/memory-request="32Mi": leaves the sidecar less than 32Mi beside its volume of 64Mi; accepts at least 96Mi',
    ]);
    expect(problemsOf(burstable, { 'memory-request': '32Mi' }, 64)).toEqual([]);
    expect(problemsOf(burstable, { 'memory-limit': '95Mi' }, 64)).toHaveLength(1);
    expect(problemsOf(burstable, { 'memory-limit': '96Mi' }, 64)).toEqual([]);
    expect(problemsOf(burstable, { 'memory-limit': '64Mi' })).toEqual([]);
  });

  it('are refused where a request is the limit too, and the sidecar needs more', () => {
    expect(problemsOf(guaranteed, { 'memory-request': '16Mi' })).toEqual([
      'sync-sidecar.io/memory-request="16Mi": leaves the sidecar less than 32Mi; accepts at least 32Mi',
    ]);
    expect(problemsOf(burstable, { 'memory-request': '16Mi' })).toEqual([]);
  });
});
