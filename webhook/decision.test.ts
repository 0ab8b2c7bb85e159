import { describe, expect, it } from '@jest/globals';
import { emptyConfiguration, type Configuration } from './configuration/configuration.ts';
import { decide, type Decision, type DecisionOptions } from './decision.ts';
import type { Container, Pod, PodSpec, Probe } from './pod.ts';

const configuration: Configuration = {
  defaults: { 'log-level': 'WARN', 'req-timeout': '3s', 'sleep-time': '30s' },
  profiles: new Map([
    ['default', {}],
    ['grafana', { label: 'grafana_dashboard', folder: '/dashboards', 'log-level': 'ERROR', 'req-timeout': '4s' }],
    ['two', { syncs: 'dashboards,alerts', 'dashboards.folder': '/dashboards', 'alerts.folder': '/alerts', label: 'a' }],
  ]),
};
const image = 'example.com/sync-sidecar:1';
const options: DecisionOptions = { namespace: 'x', namespaceLabel: undefined, configuration, image };
const asking = { inject: 'true', label: 'dashboard', folder: '/etc/dashboards' };

/** Annotations of our domain; a name with a sync's is `dashboards/label`. */
function ours(settings: Record<string, string>): Record<string, string> {
  const keyOf = (name: string): string => {
    const [setting = '', sync] = name.split('/').reverse();
    return `${sync === undefined ? '' : `${sync}.`}sync-sidecar.io/${setting}`;
  };
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [keyOf(name), value]));
}

function pod(settings: Record<string, string>, spec: PodSpec = {}): Pod {
  return { metadata: { annotations: ours(settings) }, spec: { containers: [{ name: 'app' }], ...spec } };
}

function decidePod(
  settings: Record<string, string>,
  more: Partial<DecisionOptions> & { spec?: PodSpec } = {},
): Decision {
  const { spec, ...others } = more;
  return decide(pod(settings, spec), { ...options, ...others });
}

function refusal(reason: string, message: string): object {
  return { outcome: 'refuse', reason, message };
}

/** The container that a decision injects. */
function injected(decision: Decision): Container {
  if (decision.outcome !== 'inject') throw new Error(JSON.stringify(decision));
  const { value } = decision.operations.find(({ path }) => path.startsWith('/spec/initContainers'))!;
  return (Array.isArray(value) ? value[0] : value) as Container;
}

function variable(decision: Decision, name: string): string | undefined {
  return injected(decision).env?.find((one) => one.name === name)?.value;
}

/** A pod of one container after the sidecar was injected into it. */
function injectedPod(settings: Record<string, string> = asking, spec: PodSpec = {}): Pod {
  const container = injected(decidePod(settings, { spec }));
  const volumeMounts = [{ name: 'sync-sidecar', mountPath: '/etc/dashboards', subPath: 'files/0', readOnly: true }];
  const volumes = [
    { name: 'sync-sidecar', emptyDir: {} },
    { name: 'sync-sidecar-token', projected: {} },
  ];
  return pod(settings, { ...spec, containers: [{ name: 'app', volumeMounts }], initContainers: [container], volumes });
}

function withSidecar(change: (container: Container) => Container): Pod {
  const { metadata, spec } = injectedPod();
  return { ...(metadata && { metadata }), spec: { ...spec, initContainers: (spec?.initContainers ?? []).map(change) } };
}

describe('a pod that asks', () => {
  it('is injected', () => {
    expect(decidePod(asking)).toMatchObject({ outcome: 'inject', reason: 'injected' });
  });

  it.each(['TRUE', ' True '])('is injected with inject: "%s"', (inject) => {
    expect(decidePod({ ...asking, inject })).toMatchObject({ reason: 'injected' });
  });

  it('gets the same decision each time', () => {
    expect(decidePod(asking)).toEqual(decidePod(asking));
  });

  it('is refused with every problem of its settings in one message', () => {
    const settings = {
      inject: 'true',
      labl: 'a',
      'req-method': 'POSTT',
      'req-password': 'hidden',
      'sleep-time': 'soon',
    };

    expect(decidePod(settings)).toEqual(
      refusal(
        'invalid-settings',
        `5 problems with the settings:
  sync-sidecar.io/labl: is no setting; did you mean sync-sidecar.io/label?
  sync-sidecar.io/req-password: only a sidecar that is written by hand may set this; did you mean sync-sidecar.io/req-password-from?
  sync-sidecar.io/sleep-time="soon": is not accepted; accepts seconds, or a number with ms, s, m or h, such as 500ms (more than 0, at most 24 days)
  sync-sidecar.io/folder: is required and not set; accepts an absolute path, such as /etc/dashboards
  sync-sidecar.io/req-method="POSTT": is not accepted; accepts GET or POST; did you mean POST?`,
      ),
    );
  });

  it('is refused with a payload besides a template, and with a template that a GET can not send', () => {
    const given = {
      inject: 'true',
      label: 'a',
      folder: '/a',
      'req-url': 'http://a',
      'req-payload-template': '{{sync}}',
    };

    expect(decidePod({ ...given, 'req-method': 'POST', 'req-payload': '1' })).toEqual(
      refusal(
        'invalid-settings',
        `1 problem with the settings:
  sync-sidecar.io/req-payload-template: can't be sent besides sync-sidecar.io/req-payload; accepts one of the two`,
      ),
    );
    expect(decidePod(given)).toEqual(
      refusal(
        'invalid-settings',
        `1 problem with the settings:
  sync-sidecar.io/req-payload-template: can't be sent by a GET; accepts it together with sync-sidecar.io/req-method=POST`,
      ),
    );
  });

  it('is told the nearest sync when it speaks of one that there is not', () => {
    const settings = { inject: 'true', syncs: 'dashboards', label: 'a', folder: '/a', 'dashbords/label': 'b' };

    expect(decidePod(settings)).toEqual(
      refusal(
        'invalid-settings',
        `1 problem with the settings:
  dashbords.sync-sidecar.io/label: there is no sync called "dashbords"; accepts the syncs dashboards; did you mean dashboards.sync-sidecar.io/label?`,
      ),
    );
  });

  it('may not set for one sync what holds for the process', () => {
    const settings = { ...asking, syncs: 'a', 'a/startup-timeout': '3m' };

    expect(decidePod(settings)).toEqual(
      refusal(
        'invalid-settings',
        `1 problem with the settings:
  a.sync-sidecar.io/startup-timeout: is a setting of the whole process and takes no sync name; did you mean sync-sidecar.io/startup-timeout?`,
      ),
    );
  });

  it('is refused for a label value that can be added to no label', () => {
    const message = `1 problem with the settings:
  sync-sidecar.io/label-value="1": cannot be added to sync-sidecar.io/label="app=grafana"; accepts a value only where the label is a key`;

    expect(decidePod({ ...asking, label: 'app=grafana', 'label-value': '1' })).toEqual(
      refusal('invalid-settings', message),
    );
  });

  it('is refused for two syncs that are the same one, whoever made them so', () => {
    const message = `1 problem with the settings:
  sync-sidecar.io/syncs: dashboards and alerts are the same sync; accepts syncs that differ in label, label-value, namespace, resource, resource-name or folder`;

    expect(decidePod({ ...asking, syncs: 'dashboards,alerts' })).toEqual(refusal('invalid-settings', message));
    expect(decidePod({ inject: 'true', profile: 'two', folder: '/a' })).toEqual(
      refusal('invalid-settings', message.replace('sync-sidecar.io/syncs', 'profile two: syncs')),
    );
  });

  it.each(['', '  '])('misses a setting that it leaves blank: "%s"', (label) => {
    expect(decidePod({ ...asking, label })).toMatchObject({
      reason: 'invalid-settings',
      message: expect.stringContaining('sync-sidecar.io/label: is required and not set'),
    });
  });

  it('needs no label where it names the objects', () => {
    const decision = decidePod({ inject: 'true', folder: '/a', 'resource-name': 'configmap/dashboards' });

    expect([variable(decision, 'RESOURCE_NAME'), variable(decision, 'LABEL')]).toEqual([
      'configmap/dashboards',
      undefined,
    ]);
  });
});

describe('a pod that does not ask', () => {
  it.each<[string, Pod]>([
    ['without metadata', { spec: {} }],
    ['without annotations', { metadata: {}, spec: {} }],
    ['with annotations of others', { metadata: { annotations: { 'example.com/inject': 'true' } }, spec: {} }],
    ['with settings of ours and no inject', pod({ label: 'a' })],
    ['with a blank inject', pod({ ...asking, inject: '' })],
    ['with a value that would not be accepted', pod({ 'req-method': 'PSOT' })],
  ])('is left alone: %s', (_case, one) => {
    expect(decide(one, options)).toEqual({ outcome: 'admit', reason: 'not-asked' });
  });

  it.each(['false', 'False', 'FALSE'])('is left alone in a namespace whose label says %s', (namespaceLabel) => {
    expect(decidePod({ label: 'a' }, { namespace: 'x', namespaceLabel })).toEqual({
      outcome: 'admit',
      reason: 'not-asked',
    });
  });

  it('is refused for a name of ours that is none, with all that is wrong', () => {
    expect(decidePod({ ijnect: 'true', label: '-' })).toEqual(
      refusal(
        'invalid-settings',
        `2 problems with the settings:
  sync-sidecar.io/ijnect: is no setting; did you mean sync-sidecar.io/inject?
  sync-sidecar.io/label="-": is not accepted; accepts a label key such as grafana_dashboard, or a label selector such as "app=grafana,tier in (a,b)"`,
      ),
    );
  });

  it.each([
    { namespace: 'x', namespaceLabel: undefined },
    { namespace: 'x', namespaceLabel: 'true' },
    { namespace: 'x', namespaceLabel: 'false' },
  ])('is refused for an inject that is neither true nor false: %j', (more) => {
    expect(decidePod({ ...asking, inject: 'tru' }, more)).toMatchObject({
      reason: 'invalid-settings',
      message: expect.stringMatching(
        /1 problem with the settings:\n {2}sync-sidecar\.io\/inject="tru": is not accepted; accepts true or false; did you mean true\?$/,
      ),
    });
  });

  it.each(['ture', 'yes', '1', 'enabled'])('is refused for inject: "%s"', (inject) => {
    expect(decidePod({ ...asking, inject })).toMatchObject({
      reason: 'invalid-settings',
      message: expect.stringContaining(`sync-sidecar.io/inject="${inject}": is not accepted; accepts true or false`),
    });
  });

  it('may speak of the syncs of the profile that it would get', () => {
    const settings = { profile: 'two', 'alerts/label': 'a' };

    expect(decidePod(settings)).toEqual({ outcome: 'admit', reason: 'not-asked' });
    expect(decidePod({ 'alerts/label': 'a' })).toMatchObject({ reason: 'invalid-settings' });
  });
});

describe('a pod that opts out', () => {
  it.each(['false', 'FALSE', ' false '])('is left alone whatever else it says: inject "%s"', (inject) => {
    const settings = { inject, profile: 'none', labl: 'a' };

    expect(decidePod(settings, { namespace: 'x', namespaceLabel: 'grafana' })).toEqual({
      outcome: 'admit',
      reason: 'opted-out',
    });
  });
});

describe('the namespace label', () => {
  it('asks for all pods with "true", in any case', () => {
    const settings = { label: 'a', folder: '/a' };

    expect(decidePod(settings, { namespace: 'x', namespaceLabel: 'true' })).toMatchObject({ reason: 'injected' });
    expect(decidePod(settings, { namespace: 'x', namespaceLabel: 'True' })).toMatchObject({ reason: 'injected' });
  });

  it('chooses a profile by its name, also for a pod without annotations', () => {
    const bare: Pod = { metadata: {}, spec: { containers: [{ name: 'app' }] } };

    expect(variable(decide(bare, { ...options, namespaceLabel: 'grafana' }), 'LABEL')).toBe('grafana_dashboard');
  });

  it('is overruled by the profile that the pod names', () => {
    const decision = decidePod({ profile: ' grafana ' }, { namespace: 'x', namespaceLabel: 'two' });

    expect(variable(decision, 'LABEL')).toBe('grafana_dashboard');
  });

  it('asks although it names no profile: the pod is refused and never runs without its sidecar', () => {
    expect(decidePod({}, { namespace: 'x', namespaceLabel: 'grafan' })).toEqual(
      refusal(
        'unknown-profile',
        `the namespace asks for the sidecar (label sync-sidecar.io/inject=grafan); the annotation sync-sidecar.io/inject: "false" leaves a pod out
1 problem with the settings:
  label sync-sidecar.io/inject of the namespace="grafan": there is no such profile; accepts default, grafana, two; did you mean grafana?`,
      ),
    );
    expect(decidePod(asking, { namespace: 'x', namespaceLabel: '' })).toMatchObject({ reason: 'unknown-profile' });
  });

  it('does not count where the pod names another profile that there is not', () => {
    expect(
      decidePod(
        { profile: 'gruffalo' },
        { namespace: 'x', namespaceLabel: 'grafana', configuration: emptyConfiguration },
      ),
    ).toEqual(
      refusal(
        'unknown-profile',
        `the namespace asks for the sidecar (label sync-sidecar.io/inject=grafana, profile gruffalo); the annotation sync-sidecar.io/inject: "false" leaves a pod out
1 problem with the settings:
  sync-sidecar.io/profile="gruffalo": there is no such profile; accepts default`,
      ),
    );
  });
});

describe('a setting', () => {
  const grafana = { inject: 'true', profile: 'grafana' };

  it.each<[string, Record<string, string>, [string, string | undefined]]>([
    ['the pod, before all others', { ...grafana, 'log-level': 'DEBUG' }, ['LOG_LEVEL', 'DEBUG']],
    ['the profile, before the platform', grafana, ['LOG_LEVEL', 'ERROR']],
    ['the platform, before the table', grafana, ['SLEEP_TIME', '30s']],
    ['the table, which need not be told', grafana, ['RESOURCE', undefined]],
    ['injection, as the sidecar starts before the application', grafana, ['REQ_SKIP_INIT', 'true']],
    ['injection, as who writes ConfigMaps is somebody else', grafana, ['URL_ALLOW_PRIVATE', 'false']],
    ['the pod, before injection', { ...grafana, 'req-skip-init': 'false' }, ['REQ_SKIP_INIT', undefined]],
    ['the profile where the pod leaves it blank', { ...grafana, 'log-level': ' ' }, ['LOG_LEVEL', 'ERROR']],
    [
      'the pod for all its syncs, before the profile for one',
      { inject: 'true', profile: 'two', folder: '/a', 'dashboards/label': 'b' },
      ['ALERTS__APP_FOLDER', '/a'],
    ],
  ])('comes from %s', (_case, settings, [name, value]) => {
    expect(variable(decidePod(settings), name)).toBe(value);
  });
});

describe('a second look', () => {
  const alreadyInjected = { outcome: 'admit', reason: 'already-injected' };

  it('finds the pod injected', () => {
    expect(decide(injectedPod(), options)).toEqual(alreadyInjected);
  });

  it('finds it so though the image, resources, security context, environment, mounts and probe targets were changed', () => {
    const changed = withSidecar((container) => ({
      ...container,
      image: 'mirror.example.com/sync-sidecar:2',
      resources: { limits: { cpu: '1', memory: '1Gi' } },
      securityContext: {},
      env: [{ name: 'HTTPS_PROXY', value: 'http://proxy' }, ...(container.env ?? [])],
      volumeMounts: [{ name: 'ca', mountPath: '/etc/ssl' }, ...(container.volumeMounts ?? [])],
      startupProbe: { httpGet: { path: '/app-health/sync-sidecar/startupz', port: 15020 }, timeoutSeconds: 1 },
    }));

    expect(decide(changed, options)).toEqual(alreadyInjected);
  });

  it('means the port that the sidecar has, though a container that came later would make it another', () => {
    const { metadata, spec } = injectedPod();
    const containers = [...(spec?.containers ?? []), { name: 'proxy', ports: [{ containerPort: 18081 }] }];

    expect(decide({ ...(metadata && { metadata }), spec: { ...spec, containers } }, options)).toEqual(alreadyInjected);
  });

  it('finds a port again that is the default of the settings table and so not in the environment', () => {
    const asked = { ...asking, 'health-port': '8080' };

    expect(injected(decidePod(asked)).env?.map(({ name }) => name)).not.toContain('HEALTH_PORT');
    expect(decide(injectedPod(asked), options)).toEqual(alreadyInjected);
  });

  it('tells when a mesh came later whose CNI plugin leaves the sidecar without network', () => {
    const { metadata, spec } = injectedPod();
    const containers = [...(spec?.containers ?? []), { name: 'linkerd-proxy' }];

    expect(decide({ ...(metadata && { metadata }), spec: { ...spec, containers } }, options)).toMatchObject({
      outcome: 'refuse',
      reason: 'mesh-cni',
    });
  });

  it('tells when a container that came later wants the port of the sidecar', () => {
    const { metadata, spec } = injectedPod();
    const containers = [...(spec?.containers ?? []), { name: 'proxy', ports: [{ containerPort: 18080 }] }];

    expect(decide({ ...(metadata && { metadata }), spec: { ...spec, containers } }, options)).toEqual(
      refusal('health-port', 'port 18080 is declared by the container proxy'),
    );
  });

  const elsewhere: DecisionOptions = {
    ...options,
    namespaceLabel: 'gone',
    configuration: { defaults: { 'log-level': 'DEBUG' }, profiles: new Map(), policy: { settings: { allow: [] } } },
    image: 'example.com/sync-sidecar:2',
  };

  it('finds it so with another configuration, policy and label of the namespace: another replica may have made it', () => {
    expect(decide(injectedPod(), elsewhere)).toEqual(alreadyInjected);
    expect(decidePod(asking, elsewhere)).toMatchObject({ outcome: 'refuse' });
  });

  it('finds a pod so that a version without a digest in the marker has injected with the same configuration', () => {
    const before = withSidecar(({ env = [], ...rest }) => ({
      ...rest,
      env: env.map((variable) =>
        variable.name === 'SYNC_SIDECAR_INJECTED' ? { ...variable, value: 'true' } : variable,
      ),
    }));

    expect(decide(before, options)).toEqual(alreadyInjected);
    expect(decide(before, elsewhere)).toMatchObject({ outcome: 'refuse' });
  });

  it('finds a pod so whose annotations say the same in other words', () => {
    const { metadata: _, ...rest } = injectedPod();
    const reworded = { ...rest, metadata: { annotations: ours({ ...asking, inject: 'TRUE', 'log-level': 'warn' }) } };

    expect(decide(reworded, options)).toEqual(alreadyInjected);
  });

  const incomplete =
    'the pod already has the container sync-sidecar, the volume sync-sidecar, the volume sync-sidecar-token, ' +
    'but not as it would be injected; give yours another name, or leave out what was copied from an injected pod';

  it.each<[string, Pod]>([
    ['without the marker', withSidecar(({ env = [], ...rest }) => ({ ...rest, env: env.slice(0, -1) }))],
    ['with other settings', { ...injectedPod(), metadata: { annotations: ours({ ...asking, label: 'other' }) } }],
    ['with another command', withSidecar((container) => ({ ...container, command: ['sleep', '1d'] }))],
    ['with arguments', withSidecar((container) => ({ ...container, args: ['--namespace', 'ALL'] }))],
    [
      'with a setting twice',
      withSidecar(({ env = [], ...rest }) => ({ ...rest, env: [...env, { name: 'FOLDER', value: '/' }] })),
    ],
    [
      'whose startup probe asks nobody',
      withSidecar((container) => ({ ...container, startupProbe: { exec: { command: ['true'] } } as Probe })),
    ],
    ['that ends before the application', withSidecar(({ restartPolicy: _, ...rest }) => rest)],
    ['without startup probe', withSidecar(({ startupProbe: _, ...rest }) => rest)],
    ['without its mount', withSidecar((container) => ({ ...container, volumeMounts: [] }))],
    ['whose folder no container mounts', pod(asking, { ...injectedPod().spec, containers: [{ name: 'app' }] })],
    [
      'whose volume is on a disk',
      pod({ ...asking, resource: 'secret' }, injectedPod({ ...asking, resource: 'secret' }).spec),
    ],
    [
      'whose token is none',
      pod(asking, {
        ...injectedPod().spec,
        volumes: [{ name: 'sync-sidecar', emptyDir: {} }, { name: 'sync-sidecar-token' }],
      }),
    ],
  ])('refuses a sidecar %s', (_case, one) => {
    expect(decide(one, options)).toEqual(refusal('name-taken', incomplete));
  });
});

describe('a pod that has a name of ours', () => {
  it.each<[string, PodSpec]>([
    ['the container sync-sidecar', { containers: [{ name: 'sync-sidecar' }] }],
    ['the container sync-sidecar', { initContainers: [{ name: 'sync-sidecar' }] }],
    ['the volume sync-sidecar', { volumes: [{ name: 'sync-sidecar', emptyDir: {} }] }],
    ['the volume sync-sidecar-token', { volumes: [{ name: 'sync-sidecar-token' }] }],
  ])('is refused: %s', (name, spec) => {
    const hint = 'give yours another name, or leave out what was copied from an injected pod';

    expect(decidePod(asking, { spec })).toEqual(
      refusal('name-taken', `the pod already has ${name}, but not as it would be injected; ${hint}`),
    );
  });
});

describe('a pod that the sidecar can not be in', () => {
  const windows = 'the sidecar runs on Linux; this pod is for Windows';
  const mounts = [{ name: 'app', volumeMounts: [{ name: 'data', mountPath: '/etc/dashboards/' }] }];
  const conflict =
    'the container app already mounts /etc/dashboards/, where the sync puts /etc/dashboards; take that mount away, give the sync another folder, or name the containers that see it in sync-sidecar.io/mount-containers';
  const nested = { inject: 'true', syncs: 'a,b', label: 'l', 'a/folder': '/files', 'b/folder': '/files/b' };
  const sideBySide =
    'the folder /files/b lies within the folder /files of another sync; give them folders side by side';
  const istio =
    "the sidecar would start before istio-proxy, and without it have no network: a CNI plugin redirects the pod's traffic, as there " +
    'is no istio-init; let the mesh run its proxy as a native sidecar: the annotation sidecar.istio.io/nativeSidecar: "true", or ' +
    'ENABLE_NATIVE_SIDECARS of istiod';
  const hostNetwork = 'a pod with hostNetwork needs sync-sidecar.io/health-port: a port that is free on its nodes';

  it.each<[string, PodSpec, string]>([
    ['windows', { os: { name: 'windows' } }, windows],
    ['windows', { nodeSelector: { 'kubernetes.io/os': 'windows' } }, windows],
    ['mount-conflict', { containers: mounts }, conflict],
    ['health-port', { hostNetwork: true }, hostNetwork],
    ['mesh-cni', { containers: [{ name: 'app' }, { name: 'istio-proxy' }] }, istio],
  ])('is refused: %s', (reason, spec, message) => {
    expect(decidePod(asking, { spec })).toEqual(refusal(reason, message));
  });

  it('is refused for folders within each other', () => {
    expect(decidePod(nested)).toEqual(refusal('nested-folders', sideBySide));
  });

  it('is refused with every reason in one message, under the code of the first', () => {
    const spec = { os: { name: 'windows' }, containers: mounts, hostNetwork: true };

    expect(decidePod(asking, { spec })).toEqual(refusal('windows', [windows, conflict, hostNetwork].join('; ')));
  });
});
