import { describe, expect, it } from '@jest/globals';
import { describeProblem } from '../shared/settings/problem.ts';
import { podSettingsOf } from '../test/pod-settings-of.ts';
import type { Volume } from './pod.ts';
import { volumeProblems } from './volume-problems.ts';

const memory = { name: 'memory', emptyDir: { medium: 'Memory' } };
const data = { name: 'data', persistentVolumeClaim: { claimName: 'data' } } as Volume;

function problemsOf(settings: Record<string, string>, volumes: Volume[] = [data, memory]): string[] {
  const all = podSettingsOf({ label: 'a', folder: '/a', ...settings });
  return volumeProblems({ spec: { volumes } }, all).map(describeProblem);
}

describe('the volume that a pod asks for', () => {
  it.each<Record<string, string>>([
    {},
    { 'volume-medium': 'disk', 'volume-size-limit': '1Gi' },
    { 'volume-medium': 'memory', resource: 'secret' },
    { volume: 'data' },
    { volume: 'memory', resource: 'both' },
  ])('is accepted: %j', (settings) => {
    expect(problemsOf(settings)).toEqual([]);
  });

  it('is one that the pod has', () => {
    expect(problemsOf({ volume: 'dat' })).toEqual([
      'sync-sidecar.io/volume="dat": the pod has no such volume; accepts data, memory; did you mean data?',
    ]);
    expect(problemsOf({ volume: 'data' }, [])).toEqual([
      'sync-sidecar.io/volume="data": the pod has no such volume; accepts a volume of the pod that can be written; it has none',
    ]);
  });

  it.each<object>([
    { configMap: { name: 'x' } },
    { secret: { secretName: 'x' } },
    { projected: { sources: [] } },
    { downwardAPI: { items: [] } },
    { image: { reference: 'x' } },
    { persistentVolumeClaim: { claimName: 'x', readOnly: true } },
    { nfs: { server: 'x', path: '/', readOnly: true } },
    { volumeOfTomorrow: { readOnly: true } },
  ])('is one that can be written to, not %j', (source) => {
    expect(problemsOf({ volume: 'other' }, [data, { name: 'other', ...source }])).toEqual([
      'sync-sidecar.io/volume="other": this volume is read-only; accepts data',
    ]);
  });

  it.each([null, true, 'text', { readOnly: false }])('may be of a kind that nobody knows yet: %j', (source) => {
    expect(problemsOf({ volume: 'other' }, [{ name: 'other', volumeOfTomorrow: source } as Volume])).toEqual([]);
  });

  it('is in memory when Secrets are synced, whose it ever is', () => {
    expect(problemsOf({ volume: 'data', resource: 'secret' })).toEqual([
      'sync-sidecar.io/volume="data": this volume is not in memory, and Secrets never get to a disk; accepts memory',
    ]);
    expect(problemsOf({ 'volume-medium': 'disk', resource: 'secret' })).toEqual([
      'sync-sidecar.io/volume-medium="disk": Secrets are synced, and never get to a disk; accepts memory',
    ]);
  });

  it('can not be shaped where it is there already', () => {
    expect(problemsOf({ volume: 'data', 'volume-medium': 'memory', 'volume-size-limit': '1Gi' })).toEqual([
      "sync-sidecar.io/volume-medium: can't be set besides sync-sidecar.io/volume; accepts one of the two",
      "sync-sidecar.io/volume-size-limit: can't be set besides sync-sidecar.io/volume; accepts one of the two",
    ]);
  });
});
