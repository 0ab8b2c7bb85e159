import { describe, expect, it } from '@jest/globals';
import { describeProblem } from '../shared/settings/problem.ts';
import { podSettingsOf } from '../test/pod-settings-of.ts';
import { planInjection, type Injection, type Plan } from './injection.ts';
import type { Container, PodSpec } from './pod.ts';

function plan(spec: PodSpec, settings: Record<string, string> = {}): Plan {
  const all = podSettingsOf({ label: 'a', folder: '/etc/dashboards', ...settings });
  return planInjection({ spec }, all, 'example.com/sync-sidecar:1');
}

function planned(spec: PodSpec, settings: Record<string, string> = {}): Injection {
  const { injection, ...obstacles } = plan(spec, settings);
  if (injection) return injection;
  throw new Error(JSON.stringify(obstacles));
}

/** A container that mounts something at paths. */
function mounting(name: string, ...paths: string[]): Container {
  return { name, volumeMounts: paths.map((mountPath) => ({ name: 'data', mountPath })) };
}

describe('a plan', () => {
  it('puts the folders into the containers that start after the sidecar', () => {
    const proxy = { name: 'istio-proxy', restartPolicy: 'Always' };
    const initContainers = [mounting('istio-init', '/etc/dashboards'), proxy, { name: 'migrate' }];

    const injection = planned({ containers: [{ name: 'app' }], initContainers });

    expect([injection.position, injection.mounting.map(({ path }) => path)]).toEqual([
      2,
      ['/spec/initContainers/2', '/spec/containers/0'],
    ]);
    expect(injection.mounts).toEqual([
      { name: 'sync-sidecar', mountPath: '/etc/dashboards', subPath: 'files/0', readOnly: true },
    ]);
  });

  it('minds the mounts of no container that does not see the folders', () => {
    const containers = [{ name: 'app' }, mounting('logger', '/etc/dashboards')];

    expect(planned({ containers }, { 'mount-containers': 'app' }).mounting).toEqual([
      { path: '/spec/containers/0', container: { name: 'app' } },
    ]);
    expect(plan({ containers }).faults).toMatchObject([{ reason: 'mount-conflict' }]);
  });

  it('adds no volume where the pod has one for the files', () => {
    const token = { name: 'kube-api-access-x7k2m', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' };
    const spec = { containers: [{ name: 'app', volumeMounts: [token] }], volumes: [{ name: 'data', emptyDir: {} }] };

    expect(planned(spec, { volume: 'data' }).volumes).toEqual([]);
  });

  it('tells everything that stands in its way', () => {
    const spec = {
      os: { name: 'windows' },
      hostNetwork: true,
      containers: [mounting('app', '/etc/dashboards'), { name: 'istio-proxy' }],
    };
    const settings = {
      position: 'migrate',
      'mount-containers': 'app,web',
      volume: 'data',
      'cpu-request': '2',
      'cpu-limit': '1',
      'req-username': 'admin',
      'req-username-from': 'grafana/user',
    };

    const { injection, problems, faults } = plan(spec, settings);

    expect(injection).toBeNull();
    expect(problems.map(describeProblem)).toEqual([
      'sync-sidecar.io/position="migrate": the pod has no such init container; accepts first, last',
      'sync-sidecar.io/mount-containers="web": the pod has no such container; accepts app, istio-proxy',
      'sync-sidecar.io/volume="data": the pod has no such volume; accepts a volume of the pod that can be written; it has none',
      'sync-sidecar.io/cpu-request="2": is more than sync-sidecar.io/cpu-limit="1"; accepts at most 1',
      "sync-sidecar.io/req-username-from: can't be set besides sync-sidecar.io/req-username; accepts one of the two",
    ]);
    expect(faults.map(({ reason }) => reason)).toEqual(['windows', 'mesh-cni', 'mount-conflict', 'health-port']);
  });
});

describe('the token', () => {
  const directory = '/var/run/secrets/kubernetes.io/serviceaccount';
  const automounted = { name: 'kube-api-access-x7k2m', mountPath: directory, readOnly: true };
  const own = { name: 'vault-token', mountPath: directory };

  it.each<[string, Container, string[]]>([
    ['is left to admission where it mounted one', { name: 'app', volumeMounts: [automounted] }, ['sync-sidecar']],
    ['is our own where there is none', { name: 'app' }, ['sync-sidecar', 'sync-sidecar-token']],
    [
      'is our own where the application brings one of its own',
      { name: 'app', volumeMounts: [own] },
      ['sync-sidecar', 'sync-sidecar-token'],
    ],
  ])('%s', (_case, container, volumes) => {
    expect(planned({ containers: [container] }).volumes.map(({ name }) => name)).toEqual(volumes);
  });
});
