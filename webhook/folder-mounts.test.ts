import { describe, expect, it } from '@jest/globals';
import { describeProblem } from '../shared/settings/problem.ts';
import { podSettingsOf } from '../test/pod-settings-of.ts';
import { mountConflicts, mountingContainers, mountProblems } from './folder-mounts.ts';
import type { PodSettings } from './pod-settings.ts';
import type { Container } from './pod.ts';

const waysOut =
  'take that mount away, give the sync another folder, or name the containers that see it in sync-sidecar.io/mount-containers';

const pod = {
  spec: {
    initContainers: [{ name: 'istio-init' }, { name: 'migrate' }],
    containers: [{ name: 'app' }, { name: 'logger' }],
  },
};

function choosing(containers?: string): PodSettings {
  return podSettingsOf({ label: 'a', folder: '/a', ...(containers && { 'mount-containers': containers }) });
}

describe('the containers that see the folders', () => {
  const seeing = (settings: PodSettings, position: number): [string, string][] =>
    mountingContainers(pod, position, settings).map(({ path, container }) => [path, container.name]);

  it('are all, and the init containers that start after the sidecar', () => {
    expect(seeing(choosing(), 1)).toEqual([
      ['/spec/initContainers/1', 'migrate'],
      ['/spec/containers/0', 'app'],
      ['/spec/containers/1', 'logger'],
    ]);
    expect(mountingContainers({}, 0, choosing())).toEqual([]);
  });

  /** Who sees `/data/dashboards` and `/etc/alerts` where these containers mount something at a path. */
  function seeingBelow(mountPath: string, containers?: string): string[] {
    const container = { volumeMounts: [{ name: 'storage', mountPath }] };
    const spec = {
      initContainers: [
        { name: 'chown', ...container },
        { name: 'agent', restartPolicy: 'Always', ...container },
      ],
      containers: [{ name: 'app', ...container }],
    };
    const settings = podSettingsOf({
      label: 'a',
      syncs: 'a,b',
      'a/folder': '/data/dashboards',
      'b/folder': '/etc/alerts',
      ...(containers && { 'mount-containers': containers }),
    });
    return mountingContainers({ spec }, 0, settings).map(({ container: { name } }) => name);
  }

  it.each(['/data', '/data/', '/data/x/..', '/etc'])(
    'are not init containers that mount what a folder lies in, as to change its owner: %s',
    (mountPath) => {
      expect(seeingBelow(mountPath)).toEqual(['agent', 'app']);
    },
  );

  it.each(['/dat', '/data/other', '/data/dashboards-old', '/var'])(
    'are init containers that mount what no folder lies in: %s',
    (mountPath) => {
      expect(seeingBelow(mountPath)).toEqual(['chown', 'agent', 'app']);
    },
  );

  it('are such init containers too where the pod chooses them', () => {
    expect(seeingBelow('/data', 'chown,app')).toEqual(['chown', 'app']);
  });

  it('are those that the pod chooses', () => {
    expect(seeing(choosing('logger, migrate'), 0)).toEqual([
      ['/spec/initContainers/1', 'migrate'],
      ['/spec/containers/1', 'logger'],
    ]);
    expect(mountProblems(pod, 0, choosing('logger, migrate'))).toEqual([]);
  });

  it('can not be containers that there are not, nor the sidecar, nor such as start before it', () => {
    const problems = mountProblems(pod, 1, choosing('loger,sync-sidecar,istio-init,app'));

    expect(problems.map(describeProblem)).toEqual([
      'sync-sidecar.io/mount-containers="loger": the pod has no such container; accepts migrate, app, logger; did you mean logger?',
      'sync-sidecar.io/mount-containers="sync-sidecar": the pod has no such container; accepts migrate, app, logger',
      'sync-sidecar.io/mount-containers="istio-init": this init container starts before the sidecar; accepts migrate, app, logger',
    ]);
  });
});

describe('the mounts that a pod would get', () => {
  const settings = podSettingsOf({ label: 'a', syncs: 'a,b', 'a/folder': '/a', 'b/folder': '/b' });
  const podOf = (count: number) => ({
    spec: { containers: Array.from({ length: count }, (_, index) => ({ name: `c${index}` })) },
  });

  it('are not more than fit in a pod', () => {
    expect(mountProblems(podOf(5000), 0, settings)).toEqual([]);
    expect(mountProblems(podOf(5001), 0, settings).map(describeProblem)).toEqual([
      'sync-sidecar.io/mount-containers: 5001 containers would mount 2 folders each; accepts at most 10000 mounts in all',
    ]);
  });
});

describe('a mount of the application', () => {
  /** The conflicts of containers that mount something at paths. */
  function conflicts(paths: Record<string, string[]>, folders = ['/etc/dashboards']): string[] {
    const containers = Object.entries(paths).map(([name, mountPaths]): Container => ({
      name,
      volumeMounts: mountPaths.map((mountPath) => ({ name: 'data', mountPath })),
    }));
    return mountConflicts(
      containers.map((container) => ({ path: '', container })),
      folders,
    );
  }

  it.each(['/etc', '/', '/etc/dashboards-old', '/etc/dash', '/data'])('may be at %s', (path) => {
    expect(conflicts({ app: [path] })).toEqual([]);
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
    expect(conflicts({ app: [path] })).toEqual([
      `the container app already mounts ${path}, where the sync puts /etc/dashboards; ${waysOut}`,
    ]);
  });

  it('is told for each container that has one, the ways out once', () => {
    const paths = { init: ['/etc/dashboards'], app: ['/data', '/etc/dashboards'], other: ['/etc/alerts/a'] };

    expect(conflicts(paths, ['/etc/dashboards', '/etc/alerts'])).toEqual([
      `the container init already mounts /etc/dashboards, where the sync puts /etc/dashboards; ${waysOut}`,
      'the container app already mounts /etc/dashboards, where the sync puts /etc/dashboards',
      'the container other already mounts /etc/alerts/a, where the sync puts /etc/alerts',
    ]);
  });

  it.each(['/etc/dashboards', '/etc/dashboards/disk', '/etc'])('conflicts with a block device at %s', (devicePath) => {
    const container = { name: 'app', volumeDevices: [{ name: 'disk', devicePath }] };

    expect(mountConflicts([{ path: '', container }], ['/etc/dashboards'])).toEqual([
      `the container app has a block device at ${devicePath}, where the sync puts /etc/dashboards; ${waysOut}`,
    ]);
    expect(mountConflicts([{ path: '', container }], ['/etc/dash'])).toHaveLength(devicePath === '/etc' ? 1 : 0);
  });

  it('conflicts where the token of every container is', () => {
    const directory = '/var/run/secrets/kubernetes.io/serviceaccount';

    expect(conflicts({ app: [directory] }, ['/var/run/secrets'])).toHaveLength(1);
  });
});
