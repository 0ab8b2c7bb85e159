import { describe, expect, it } from '@jest/globals';
import { annotationNaming } from '../shared/settings/naming.ts';
import { readSettings } from '../shared/settings/read-settings.ts';
import { mountingContainers, planInjection, type Injection } from './injection.ts';
import { podSettings, type PodSettings } from './pod-settings.ts';
import type { Container, Pod, PodSpec } from './pod.ts';

function settingsFor(folder: string): PodSettings {
  const entries = { 'sync-sidecar.io/label': 'a', 'sync-sidecar.io/folder': folder };
  return readSettings(podSettings, [{ naming: annotationNaming, entries }]).settings!;
}

function plan(spec: PodSpec, folder = '/etc/dashboards'): ReturnType<typeof planInjection> {
  return planInjection({ spec }, settingsFor(folder), 'example.com/sync-sidecar:1');
}

function planned(pod: Pod): Injection {
  const injection = planInjection(pod, settingsFor('/etc/dashboards'), 'example.com/sync-sidecar:1');
  if ('container' in injection) return injection;
  throw new Error(JSON.stringify(injection));
}

/** A container that mounts something at paths. */
function mounting(name: string, ...paths: string[]): Container {
  return { name, volumeMounts: paths.map((mountPath) => ({ name: 'data', mountPath })) };
}

describe('the position of the sidecar', () => {
  const native = { restartPolicy: 'Always' };

  it.each<[string, Container[] | undefined, number]>([
    ['first where there is no init container', undefined, 0],
    ['first where the list of init containers is empty', [], 0],
    ['before all init containers', [{ name: 'migrate' }, { name: 'vault-agent', ...native }], 0],
    ['behind the proxy of Istio', [{ name: 'istio-init' }, { name: 'istio-proxy', ...native }, { name: 'migrate' }], 2],
    ['behind the proxy of Linkerd', [{ name: 'linkerd-proxy', ...native }], 1],
    ['first where the proxy is no native sidecar', [{ name: 'istio-init' }, { name: 'istio-proxy' }], 0],
  ])('is %s', (_case, initContainers, position) => {
    const spec = { containers: [{ name: 'app' }], ...(initContainers && { initContainers }) };

    expect(planned({ spec }).position).toBe(position);
  });

  it('decides which init containers see the folders: those that start after it', () => {
    const initContainers = [{ name: 'istio-init' }, { name: 'istio-proxy', ...native }, { name: 'migrate' }];
    const spec = { containers: [{ name: 'app' }, { name: 'logger' }], initContainers };

    expect(mountingContainers({ spec }, 2).map(({ path, container }) => [path, container.name])).toEqual([
      ['/spec/initContainers/2', 'migrate'],
      ['/spec/containers/0', 'app'],
      ['/spec/containers/1', 'logger'],
    ]);
  });
});

describe('a mount of the application', () => {
  it.each(['/etc', '/', '/etc/dashboards-old', '/etc/dash', '/data'])('may be at %s', (path) => {
    expect(plan({ containers: [mounting('app', path)] })).toHaveProperty('container');
  });

  it.each([
    '/etc/dashboards',
    '/etc/dashboards/',
    '/etc//dashboards',
    '/etc/./dashboards/.',
    '/etc/x/../dashboards',
    'etc/dashboards',
    '/etc/dashboards/inner',
  ])('conflicts at %s, which is in the folder or is it', (path) => {
    expect(plan({ containers: [mounting('app', path)] })).toEqual([
      {
        reason: 'mount-conflict',
        message: `the container app already mounts ${path}, where the sync puts /etc/dashboards`,
      },
    ]);
  });

  it('is told for each container that has one', () => {
    const containers = [mounting('app', '/data', '/etc/dashboards'), mounting('other', '/etc/dashboards/a')];
    const initContainers = [mounting('init', '/etc/dashboards')];

    const faults = plan({ containers, initContainers }) as { message: string }[];

    expect(faults.map(({ message }) => message.split(',', 1)[0])).toEqual([
      'the container init already mounts /etc/dashboards',
      'the container app already mounts /etc/dashboards',
      'the container other already mounts /etc/dashboards/a',
    ]);
  });

  it('does not matter in a container that ends before the sidecar starts', () => {
    const proxy = { name: 'istio-proxy', restartPolicy: 'Always' };
    const initContainers = [mounting('istio-init', '/etc/dashboards'), proxy];

    expect(plan({ containers: [{ name: 'app' }], initContainers })).toHaveProperty('container');
  });

  it('conflicts where the token of every container is', () => {
    const directory = '/var/run/secrets/kubernetes.io/serviceaccount';

    expect(plan({ containers: [mounting('app', directory)] }, '/var/run/secrets')).toMatchObject([
      { reason: 'mount-conflict' },
    ]);
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
    expect(planned({ spec: { containers: [container] } }).volumes.map(({ name }) => name)).toEqual(volumes);
  });
});
