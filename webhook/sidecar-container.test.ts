import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Kind } from '../shared/settings/kind.ts';
import { annotationNaming, environmentNaming } from '../shared/settings/naming.ts';
import { readSettings } from '../shared/settings/read-settings.ts';
import { sidecarSettings } from '../shared/settings/sidecar-settings.ts';
import { podSettingsOf } from '../test/pod-settings-of.ts';
import { podSettings, type PodSettings } from './pod-settings.ts';
import type { Container, PodSpec } from './pod.ts';
import { sharedVolume } from './shared-volume.ts';
import { sidecarContainer } from './sidecar-container.ts';

const resources = { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '192Mi' } };

interface ContainerOptions {
  readonly spec?: PodSpec;
  readonly healthPort?: number;
  readonly ownToken?: boolean;
}

function containerOf(settings: PodSettings, options: ContainerOptions = {}): Container {
  const { spec = {}, healthPort = 18080, ownToken = false } = options;
  const pod = { spec };
  const volume = sharedVolume(pod, settings);
  return sidecarContainer({
    pod,
    settings,
    image: 'example.com/sync-sidecar:1',
    healthPort,
    resources,
    volume,
    ownToken,
    marker: '0123456789abcdef',
  });
}

function containerFor(annotations: Record<string, string>, options: ContainerOptions = {}): Container {
  return containerOf(podSettingsOf(annotations), options);
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
        { name: 'SYNC_SIDECAR_INJECTED', value: '0123456789abcdef' },
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
      { name: 'SYNC_SIDECAR_INJECTED', value: '0123456789abcdef' },
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
    const { volumeMounts } = containerFor({ label: 'a', folder: '/a' }, { ownToken: true });

    expect(volumeMounts).toEqual([
      { name: 'sync-sidecar', mountPath: '/sync' },
      { name: 'sync-sidecar-token', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true },
    ]);
  });

  it('has the image, the pull policy, the user and the group that are asked for', () => {
    const asked = {
      label: 'a',
      folder: '/a',
      image: 'example.com/mirror/sync-sidecar:2',
      'image-pull-policy': 'always',
      'run-as-user': '1000',
      'run-as-group': '2000',
    };

    expect(containerFor(asked, { spec: { securityContext: { runAsUser: 0 } } })).toMatchObject({
      image: 'example.com/mirror/sync-sidecar:2',
      imagePullPolicy: 'Always',
      securityContext: { runAsUser: 1000, runAsGroup: 2000, ...restricted },
    });
    expect(Object.keys(containerFor({ label: 'a', folder: '/a' }))).not.toContain('imagePullPolicy');
  });

  it('has its folder in a volume of the pod, and in it the path of each folder of the application', () => {
    const asked = { syncs: 'a,b', label: 'l', 'a/folder': '/etc/a', 'b/folder': '/b', volume: 'data' };
    const { env, volumeMounts } = containerFor(asked, { spec: { volumes: [{ name: 'data' }] } });

    expect(volumeMounts).toEqual([{ name: 'data', mountPath: '/sync', subPath: 'sync-sidecar' }]);
    expect(env).toEqual(
      expect.arrayContaining([
        { name: 'STATE_DIR', value: '/sync/state' },
        { name: 'A__FOLDER', value: '/sync/files/etc/a' },
        { name: 'A__APP_FOLDER', value: '/etc/a' },
        { name: 'B__FOLDER', value: '/sync/files/b' },
      ]),
    );
  });

  it('gets credentials and other variables from Secrets and ConfigMaps, by the kubelet', () => {
    const { env } = containerFor({
      syncs: 'a,b',
      label: 'l',
      'a/folder': '/a',
      'b/folder': '/b',
      'req-username': 'admin',
      'req-password-from': 'grafana/password',
      'b/url-username-from': 'mirror/user',
      'b/url-password-from': 'mirror/password',
      'env-from': 'HTTPS_PROXY=configmap/proxy/https,TOKEN=secret/tokens/ci',
    });

    expect(env?.slice(-7, -1)).toEqual([
      { name: 'A__REQ_PASSWORD', valueFrom: { secretKeyRef: { name: 'grafana', key: 'password' } } },
      { name: 'B__REQ_PASSWORD', valueFrom: { secretKeyRef: { name: 'grafana', key: 'password' } } },
      { name: 'B__URL_USERNAME', valueFrom: { secretKeyRef: { name: 'mirror', key: 'user' } } },
      { name: 'B__URL_PASSWORD', valueFrom: { secretKeyRef: { name: 'mirror', key: 'password' } } },
      { name: 'HTTPS_PROXY', valueFrom: { configMapKeyRef: { name: 'proxy', key: 'https' } } },
      { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'tokens', key: 'ci' } } },
    ]);
    expect(env).toContainEqual({ name: 'A__REQ_USERNAME', value: 'admin' });
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
    expect(containerFor({ label: 'a', folder: '/a' }, { spec: { securityContext } }).securityContext).toEqual(expected);
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
    url: ['http://localhost:3000/reload?a=$(LABEL)#x', 'https://example.com/$$'],
    payloadTemplate: ['{{sync}}', ' {"a": "$(LABEL) $$", "b": [{{written}}]}\n'],
    namespaces: ['ALL', 'a, b'],
    labelSelector: ['dashboard', 'a=b,c in (d, e)'],
    labelSelectorValue: ['1', 'x,y'],
    annotationKey: ['example.com/folder'],
    labelName: ['first', 'data'],
    labelNames: ['app', 'app, logger'],
    imageName: ['example.com/sync-sidecar:2'],
    cpuQuantity: ['100m'],
    memoryQuantity: ['128Mi'],
    secretKey: ['grafana/password'],
    variableSources: ['HTTPS_PROXY=configmap/proxy/https,TOKEN=secret/a/b'],
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
        const { env = [] } = containerOf(settings!, { healthPort: 18081 });
        const variables = new Map<string, string>();
        for (const { name, value = '', valueFrom } of env) {
          const { secretKeyRef, configMapKeyRef } = valueFrom ?? {};
          variables.set(name, contentOf(secretKeyRef ?? configMapKeyRef) ?? expanded(value, variables));
        }

        const read = readSettings(sidecarSettings, [
          { naming: environmentNaming, entries: Object.fromEntries(variables) },
        ]);

        expect([read.settings, read.problems, read.warnings]).toEqual([intended(settings!), [], []]);
      }),
      { numRuns: 500 },
    );
  });
});

/** What is in the ConfigMaps and Secrets of this test; the kubelet expands nothing in it. */
function contentOf(reference: { name: string; key: string } | undefined): string | undefined {
  return reference && `$(LABEL) ${reference.name}/${reference.key}`;
}

/** The settings of the sidecar: those of the pod, with its own port and paths, and with the credentials of Secrets. */
function intended({ process, syncs }: PodSettings): object {
  const folders = [...new Set(syncs.map(({ settings }) => settings.FOLDER))];
  const own = { HEALTH_PORT: 18081, HEALTH_REQUIRED: true, STATE_DIR: '/sync/state' };
  return {
    process: { ...only(sidecarSettings.process, process), ...own },
    syncs: syncs.map(({ name, settings }) => {
      const place = process.VOLUME === undefined ? `/${folders.indexOf(settings.FOLDER)}` : settings.FOLDER;
      const paths = { FOLDER: `/sync/files${place}`, APP_FOLDER: settings.FOLDER };
      const credentials = {
        REQ_USERNAME: contentOf(settings.REQ_USERNAME_FROM) ?? settings.REQ_USERNAME,
        REQ_PASSWORD: contentOf(settings.REQ_PASSWORD_FROM),
        URL_USERNAME: contentOf(settings.URL_USERNAME_FROM) ?? settings.URL_USERNAME,
        URL_PASSWORD: contentOf(settings.URL_PASSWORD_FROM),
      };
      return { name, settings: { ...only(sidecarSettings.sync, settings), ...paths, ...credentials } };
    }),
  };
}

/** The values of the rows that a table has. */
function only(rows: object, values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([row]) => row in rows));
}
