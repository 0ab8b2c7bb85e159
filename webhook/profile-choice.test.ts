import { describe, expect, it } from '@jest/globals';
import { describeProblem } from '../shared/settings/problem.ts';
import type { Configuration, Profile } from './configuration/configuration.ts';
import { decide } from './decision.ts';
import { chooseProfile } from './profile-choice.ts';

const grafana = { label: 'grafana_dashboard', folder: '/dashboards' };
const configuration: Configuration = {
  defaults: {},
  profiles: new Map<string, Profile>([
    ['default', {}],
    ['grafana', grafana],
    ['internal', { namespace: 'ALL' }],
  ]),
  policy: {
    profiles: new Map([
      ['grafana', { namespaces: ['team-*', 'monitoring'] }],
      ['internal', { namespaces: [] }],
    ]),
  },
};
const byAnnotation = { 'sync-sidecar.io/profile': 'grafana' };

function choose(namespace: string, annotations: Record<string, string>, namespaceLabel?: string): unknown {
  const { profile, problem } = chooseProfile(annotations, { namespace, namespaceLabel, configuration });
  return problem ? describeProblem(problem) : profile;
}

describe('a profile that is for some namespaces', () => {
  it.each(['team-a', 'monitoring'])('is for the pods of %s', (namespace) => {
    expect(choose(namespace, byAnnotation)).toEqual(grafana);
    expect(choose(namespace, {}, 'grafana')).toEqual(grafana);
  });

  it.each(['team', 'monitoring-2', 'my-team-a'])('is not for the pods of %s, whoever names it', (namespace) => {
    const fault = `is not for the namespace ${namespace}: policy.profiles.grafana.namespaces; accepts default`;

    expect(choose(namespace, byAnnotation)).toBe(`sync-sidecar.io/profile="grafana": ${fault}`);
    expect(choose(namespace, { 'sync-sidecar.io/profile': ' grafana ' })).toBe(
      `sync-sidecar.io/profile="grafana": ${fault}`,
    );
    expect(choose(namespace, {}, 'grafana')).toBe(`label sync-sidecar.io/inject of the namespace="grafana": ${fault}`);
  });

  it('is not proposed to others', () => {
    expect(choose('shop', { 'sync-sidecar.io/profile': 'grafanna' })).toBe(
      'sync-sidecar.io/profile="grafanna": there is no such profile; accepts default',
    );
  });

  it('may be for none', () => {
    expect(choose('team-a', { 'sync-sidecar.io/profile': 'internal' })).toContain('accepts default, grafana');
  });

  it('may be the default one', () => {
    const policy = { profiles: new Map([['default', { namespaces: ['a'] }]]) };
    const { problem } = chooseProfile(
      {},
      {
        namespace: 'b',
        namespaceLabel: 'true',
        configuration: { defaults: {}, profiles: new Map([['default', {}]]), policy },
      },
    );

    expect(problem && describeProblem(problem)).toBe(
      'sync-sidecar.io/profile="default": is not for the namespace b: policy.profiles.default.namespaces; accepts no profile',
    );
  });

  it('is refused to a pod together with everything else that is wrong', () => {
    const annotations = { ...byAnnotation, 'sync-sidecar.io/inject': 'true', 'sync-sidecar.io/method': 'WACH' };
    const pod = { metadata: { annotations }, spec: { containers: [{ name: 'app' }] } };
    const options = { namespace: 'shop', namespaceLabel: undefined, configuration, image: 'sidecar:1' };
    const notForIt = `  sync-sidecar.io/profile="grafana": is not for the namespace shop: policy.profiles.grafana.namespaces; accepts default`;

    expect(decide(pod, options)).toEqual({
      outcome: 'refuse',
      reason: 'invalid-settings',
      message: `2 problems with the settings:
  sync-sidecar.io/method="WACH": is not accepted; accepts WATCH, LIST or SLEEP; did you mean WATCH?
${notForIt}`,
    });
    annotations['sync-sidecar.io/method'] = 'LIST';
    expect(decide(pod, options)).toEqual({
      outcome: 'refuse',
      reason: 'policy',
      message: `1 problem with the settings:\n${notForIt}`,
    });
  });
});
