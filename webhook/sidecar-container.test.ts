import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Kind } from '../shared/settings/kind.ts';
import { annotationNaming, environmentNaming } from '../shared/settings/naming.ts';
import { readSettings } from '../shared/settings/read-settings.ts';
import { sidecarSettings } from '../shared/settings/sidecar-settings.ts';
import { podSettings, type PodSettings } from './pod-settings.ts';
import type { Container, PodSpec } from './pod.ts';
import { sidecarContainer } from './sidecar-container.ts';

const resources = { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '192Mi' } };

/** The settings that annotations give; `dashboards/label` is one for the sync `dashboards`. */
function settingsOf(annotations: Record<string, string>): PodSettings {
  const entries = Object.fromEntries(
    Object.entries(annotations).map(([name, value]) => {
      const [setting = '', sync] = name.split('/').reverse();
      return [`${sync === undefined ? '' : `${sync}.`}sync-sidecar.io/${setting}`, value];
    }),
  );
  const { settings, problems } = readSettings(podSettings, [{ naming: annotationNaming, entries }]);
  if (!settings) throw new Error(JSON.stringify(problems));
  return settings;
}

function containerFor(annotations: Record<string, string>, spec: PodSpec = {}): Container {
  return sidecarContainer({
    pod: { spec },
    settings: settingsOf(annotations),
    image: 'example.com/sync-sidecar:1',
    healthPort: 18080,
    resources,
    ownToken: false,
  });
}

const restricted = {
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

describe('the injected container', () => {
  it('is a native sidecar that has synced before the application starts', () => {
    expect(containerFor({ label: 'dashboard', folder: '/etc/dashboards' })).toEqual({
      name: 'sync-sidecar',
      image: 'example.com/sync-sidecar:1',
      restartPolicy: 'Always',
      env: [
        { name: 'STATE_DIR', value: '/sync/state' },
        { name: 'HEALTH_PORT', value: '18080' },
        { name: 'HEALTH_REQUIRED', value: 'true' },
        { name: 'LABEL', value: 'dashboard' },
        { name: 'FOLDER', value: '/sync/files/0' },
        { name: 'APP_FOLDER', value: '/etc/dashboards' },
        { name: 'SYNC_SIDECAR_INJECTED', value: 'true' },
      ],
      ports: [{ name: 'sync-health', containerPort: 18080, protocol: 'TCP' }],
      startupProbe: { httpGet: { path: '/startupz', port: 18080 }, periodSeconds: 1, failureThreshold: 120 },
      livenessProbe: { httpGet: { path: '/livez', port: 18080 }, periodSeconds: 10, failureThreshold: 3 },
      resources,
      securityContext: restricted,
      volumeMounts: [{ name: 'sync-sidecar', mountPath: '/sync' }],
      terminationMessagePolicy: 'FallbackToLogsOnError',
    });
  });

  it('runs several syncs, those of the same folder in the same one', () => {
    const { env } = containerFor({
      syncs: 'dashboards,data-sources,more',
      label: 'grafana',
      'data-sources/label': 'sources',
      folder: '/etc/dashboards',
      'data-sources/folder': '/etc/sources',
      'data-sources/resource': 'secret',
      'log-level': 'debug',
    });

    expect(env).toEqual([
      { name: 'SYNCS', value: 'dashboards,data-sources,more' },
      { name: 'STATE_DIR', value: '/sync/state' },
      { name: 'HEALTH_PORT', value: '18080' },
      { name: 'HEALTH_REQUIRED', value: 'true' },
      { name: 'LOG_LEVEL', value: 'DEBUG' },
      { name: 'DASHBOARDS__LABEL', value: 'grafana' },
      { name: 'DASHBOARDS__FOLDER', value: '/sync/files/0' },
      { name: 'DASHBOARDS__APP_FOLDER', value: '/etc/dashboards' },
      { name: 'DATA_SOURCES__LABEL', value: 'sources' },
      { name: 'DATA_SOURCES__RESOURCE', value: 'secret' },
      { name: 'DATA_SOURCES__FOLDER', value: '/sync/files/1' },
      { name: 'DATA_SOURCES__APP_FOLDER', value: '/etc/sources' },
      { name: 'MORE__LABEL', value: 'grafana' },
      { name: 'MORE__FOLDER', value: '/sync/files/0' },
      { name: 'MORE__APP_FOLDER', value: '/etc/dashboards' },
      { name: 'SYNC_SIDECAR_INJECTED', value: 'true' },
    ]);
  });

  it('is an ordinary init container when every sync lists once and ends', () => {
    const container = containerFor({ label: 'a', folder: '/a', method: 'LIST' });

    expect(Object.keys(container)).toEqual([
      'name',
      'image',
      'env',
      'ports',
      'resources',
      'securityContext',
      'volumeMounts',
      'terminationMessagePolicy',
    ]);
    expect(container.env).toContainEqual({ name: 'METHOD', value: 'LIST' });
  });

  it('stays when one of its syncs goes on', () => {
    const settings = { syncs: 'a,b', label: 'l', 'a/folder': '/a', 'b/folder': '/b', 'a/method': 'LIST' };

    expect(containerFor(settings)).toMatchObject({ restartPolicy: 'Always', startupProbe: { failureThreshold: 120 } });
  });

  it('mounts a token of its own where admission mounts none', () => {
    const { volumeMounts } = sidecarContainer({
      pod: {},
      settings: settingsOf({ label: 'a', folder: '/a' }),
      image: 'i',
      healthPort: 1,
      resources,
      ownToken: true,
    });

    expect(volumeMounts).toEqual([
      { name: 'sync-sidecar', mountPath: '/sync' },
      { name: 'sync-sidecar-token', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true },
    ]);
  });

  it.each([
    ['3m', 180],
    ['1500ms', 2],
    ['0', 1],
  ])('has %s for its first sync in %d tries, one a second', (timeout, failureThreshold) => {
    const container = containerFor({ label: 'a', folder: '/a', 'startup-timeout': timeout });

    expect(container.startupProbe).toMatchObject({ periodSeconds: 1, failureThreshold });
  });

  it.each([
    [{}, restricted],
    [{ runAsUser: 1000 }, restricted],
    [{ runAsUser: 0 }, { runAsUser: 65534, ...restricted }],
  ])('passes Pod Security "restricted" in a pod with %j', (securityContext, expected) => {
    expect(containerFor({ label: 'a', folder: '/a' }, { securityContext }).securityContext).toEqual(expected);
  });
});

/** Text that a kind accepts; what may be secret or odd among it. */
function textFor({ name, words }: Kind<unknown>): fc.Arbitrary<string> {
  if (words) return fc.constantFrom(...words);
  const accepted: Record<string, readonly string[]> = {
    integer: ['1', '17'],
    port: ['1', '8080'],
    factor: ['0.5', '2e3'],
    duration: ['500ms', '3', '2m'],
    fileMode: ['600', '0440'],
    folder: ['/a', '/b/c/', '/d e/$(LABEL)'],
    byteSize: ['10Mi', '1000'],
    textEncoding: ['utf8', 'latin1'],
    resourceNames: ['a,secret/b, x/configmap/c.d'],
    filePath: ['/script.sh', 'a b$$'],
    url: ['http://localhost:3000/reload?a=$(LABEL)#x', 'https://a:b@example.com/$$'],
    payloadTemplate: ['{{sync}}', ' {"a": "$(LABEL) $$", "b": [{{written}}]}\n'],
    namespaces: ['ALL', 'a, b'],
    labelSelector: ['dashboard', 'a=b,c in (d, e)'],
    labelSelectorValue: ['1', 'x,y'],
    annotationKey: ['example.com/folder'],
  };
  return accepted[name] ? fc.constantFrom(...accepted[name]) : fc.string({ unit: textUnit });
}

const textUnit = fc.constantFrom('$', '$(', '$$', ')', 'LABEL', ' ', '"', '\\', '\n', '=', ',', 'ü', '{}', 'a');

/** Annotations of one sync without name or of two, every setting that a pod may set among them. */
const annotations = fc.constantFrom([], ['a'], ['a', 'b-c']).chain((syncs) => {
  const rows = { ...podSettings.process, ...podSettings.sync };
  const settable = Object.entries(rows).filter(([name, { annotation }]) => annotation === 'yes' && name !== 'SYNCS');
  const all = settable.map(([row, { kind }]) => [annotationNaming.spell({ row, sync: null }), textFor(kind)] as const);
  const own = syncs.flatMap((sync) =>
    settable
      .filter(([row]) => row in podSettings.sync)
      .map(([row, { kind }]) => [annotationNaming.spell({ row, sync }), textFor(kind)] as const),
  );
  const names = syncs.length > 0 ? { 'sync-sidecar.io/syncs': fc.constant(syncs.join(',')) } : {};
  const model = { ...Object.fromEntries([...all, ...own]), ...names };
  const requiredKeys = ['sync-sidecar.io/label', 'sync-sidecar.io/folder', ...Object.keys(names)];
  return fc.record<Record<string, string>>(model, { requiredKeys });
});

/** https://github.com/kubernetes/kubernetes/blob/v1.36.3/third_party/forked/golang/expansion/expand.go */
function expanded(value: string, variables: ReadonlyMap<string, string>): string {
  return value.replaceAll(/\$\$|\$\(([^)]*)\)/g, (found, name: string | undefined) =>
    found === '$$' ? '$' : (variables.get(name ?? '') ?? found),
  );
}

describe('the environment of the injected container', () => {
  it('means to the sidecar what the pod asked for, after the kubelet expanded it', () => {
    fc.assert(
      fc.property(annotations, (entries) => {
        const { settings } = readSettings(podSettings, [{ naming: annotationNaming, entries }]);
        const { env = [] } = sidecarContainer({
          pod: {},
          settings: settings!,
          image: 'i',
          healthPort: 18081,
          resources,
          ownToken: false,
        });
        const variables = new Map<string, string>();
        for (const { name, value = '' } of env) variables.set(name, expanded(value, variables));

        const read = readSettings(sidecarSettings, [
          { naming: environmentNaming, entries: Object.fromEntries(variables) },
        ]);

        expect(read).toEqual({ settings: intended(settings!), problems: [], warnings: [] });
      }),
      { numRuns: 500 },
    );
  });
});

/** The settings of the sidecar: those of the pod, with its own port and paths. */
function intended({ process, syncs }: PodSettings): object {
  const folders = [...new Set(syncs.map(({ settings }) => settings.FOLDER))];
  const { INJECT: _1, PROFILE: _2, STARTUP_TIMEOUT: _3, ...rest } = process;
  return {
    process: { ...rest, HEALTH_PORT: 18081, HEALTH_REQUIRED: true, STATE_DIR: '/sync/state' },
    syncs: syncs.map(({ name, settings }) => {
      const FOLDER = `/sync/files/${folders.indexOf(settings.FOLDER)}`;
      return { name, settings: { ...settings, FOLDER, APP_FOLDER: settings.FOLDER } };
    }),
  };
}
