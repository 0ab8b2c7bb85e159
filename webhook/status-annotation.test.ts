import { describe, expect, it } from '@jest/globals';
import { applyPatch, type Operation } from 'fast-json-patch';
import type { Configuration } from './configuration/configuration.ts';
import { decide, type Decision } from './decision.ts';
import type { Pod } from './pod.ts';

const configuration: Configuration = {
  defaults: {},
  profiles: new Map([
    ['default', {}],
    ['two', { syncs: 'dashboards,alerts', 'dashboards.folder': '/dashboards', 'alerts.folder': '/alerts', label: 'a' }],
  ]),
};
const asking = {
  'sync-sidecar.io/inject': 'true',
  'sync-sidecar.io/label': 'dashboard',
  'sync-sidecar.io/folder': '/etc/dashboards',
};
const statusKey = 'sync-sidecar.io/status';

function decideWith(annotations: Record<string, string>, namespaceLabel?: string): Decision {
  return decide(podOf(annotations), { namespace: 'x', namespaceLabel, configuration, image: 'example.com/sidecar:1' });
}

function podOf(annotations: Record<string, string>): Pod {
  return { metadata: { annotations }, spec: { containers: [{ name: 'app' }] } };
}

/** The pod that a decision to inject makes of one with these annotations. */
function injectedPod(annotations: Record<string, string>, namespaceLabel?: string): Pod {
  const decision = decideWith(annotations, namespaceLabel);
  if (decision.outcome !== 'inject') throw new Error(JSON.stringify(decision));
  // As they travel: through JSON.
  const operations = JSON.parse(JSON.stringify(decision.operations)) as Operation[];
  return applyPatch(podOf(annotations), operations).newDocument;
}

function statusIn({ metadata }: Pod): unknown {
  return JSON.parse(metadata?.annotations?.[statusKey] ?? 'null');
}

describe('the status of an injected pod', () => {
  it.each([
    { of: 'one sync', annotations: asking, label: undefined, told: { profile: 'default', syncs: ['sync'] } },
    {
      of: 'the profile of the namespace',
      annotations: {},
      label: 'two',
      told: { profile: 'two', syncs: ['dashboards', 'alerts'] },
    },
    {
      of: 'a profile of its own',
      annotations: { 'sync-sidecar.io/profile': ' two ' },
      label: 'true',
      told: { profile: 'two', syncs: ['dashboards', 'alerts'] },
    },
  ])('tells reason, version, profile and syncs: $of', ({ annotations, label, told }) => {
    const status = statusIn(injectedPod(annotations, label));

    expect(status).toEqual({ reason: 'injected', version: 'from source', ...told });
  });

  it('is ours in a pod whose author copied one from elsewhere', () => {
    const status = statusIn(injectedPod({ ...asking, [statusKey]: '{"version":"0.0.1"}' }));

    expect(status).toEqual({ reason: 'injected', version: 'from source', profile: 'default', syncs: ['sync'] });
  });
});

describe('a status that a pod comes with', () => {
  it.each([
    { what: 'asks for nothing', annotations: {}, label: undefined, reason: 'not-asked' },
    { what: 'is no setting', annotations: { 'sync-sidecar.io/label': 'a' }, label: undefined, reason: 'not-asked' },
    { what: 'changes nothing in a namespace that asks', annotations: {}, label: 'two', reason: 'injected' },
    {
      what: 'changes nothing for a pod that opts out',
      annotations: { 'sync-sidecar.io/inject': 'false' },
      label: 'two',
      reason: 'opted-out',
    },
  ])('$what', ({ annotations, label, reason }) => {
    expect(decideWith({ ...annotations, [statusKey]: 'anything' }, label).reason).toBe(reason);
  });

  it('is left alone at the second review', () => {
    const pod = injectedPod(asking);

    const second = decide(pod, { namespace: 'x', namespaceLabel: undefined, configuration, image: 'other:1' });

    expect(second).toEqual({ outcome: 'admit', reason: 'already-injected' });
  });

  it('is unknown under the name of a sync', () => {
    expect(decideWith({ ...asking, 'a.sync-sidecar.io/status': 'x' })).toMatchObject({
      reason: 'invalid-settings',
      message: expect.stringContaining('a.sync-sidecar.io/status: there is no sync called "a"') as unknown,
    });
  });
});
