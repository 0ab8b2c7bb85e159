import { describe, expect, it } from '@jest/globals';
import { parseConfiguration, type Configuration } from '../configuration/configuration.ts';
import { decide } from '../decision.ts';

/** A configuration whose policy has these lines; its profile `wide` reads from everywhere. */
function configurationWith(policy: string): Configuration {
  const text = `apiVersion: sync-sidecar.io/v1alpha1
kind: InjectionConfiguration
defaults:
  log-level: WARN
profiles:
  wide:
    namespace: ALL
    folder: /platform
    req-url: https://platform.example/hidden
    syncs: dashboards, alerts
    alerts.folder: /alerts
  named:
    resource-name: shared/configmap/a
  two:
    namespace: [other-a, other-b]
  one:
    syncs: a, b
    a.namespace: other
  valued:
    label-value: x
  small:
    volume-size-limit: 100Mi
    req-username-from: grafana/user
    url-username-from: grafana/user
policy:
  ${policy.trim().replaceAll('\n', '\n  ')}
`;
  const { configuration, problems } = parseConfiguration(text, 'f');
  if (!configuration) throw new Error(JSON.stringify(problems));
  return configuration;
}

const large = { name: 'large', emptyDir: { medium: 'Memory', sizeLimit: '100Gi' } };

/** The decision about a pod of the namespace `shop`; a setting of one sync is `sync/setting`. */
function decidePod(policy: string, settings: Record<string, string>): { reason: string; problems: string[] } {
  const annotations = Object.fromEntries(
    Object.entries({ inject: 'true', label: 'a', folder: '/a', ...settings }).map(([name, value]) => {
      const [setting = '', sync] = name.split('/').reverse();
      return [`${sync === undefined ? '' : `${sync}.`}sync-sidecar.io/${setting}`, value];
    }),
  );
  const spec = { containers: [{ name: 'app' }], volumes: [{ name: 'data', emptyDir: {} }, large] };
  const pod = { metadata: { annotations }, spec };
  const configuration = configurationWith(policy);
  const decision = decide(pod, { namespace: 'shop', namespaceLabel: undefined, configuration, image: 'sidecar:1' });
  const lines = 'message' in decision ? decision.message.split('\n').slice(1) : [];
  return { reason: decision.reason, problems: lines.map((line) => line.trim()) };
}

const injected = { reason: 'injected', problems: [] };
const refused = (...problems: string[]): object => ({ reason: 'policy', problems });

describe('policy.settings', () => {
  it('lets a pod make the settings that it allows, and always say whether it wants the sidecar', () => {
    expect(decidePod('settings: { allow: [label, folder] }', {})).toEqual(injected);
  });

  it('lets a pod make no other, for one sync either, and tells all of them', () => {
    const allow = 'settings: { allow: [label, folder, resource-name] }';
    const lacks = 'may not be set by a pod: policy.settings.allow lacks';
    const accepts = 'accepts label, folder, resource-name';
    const settings = { syncs: 'a', profile: 'wide', 'a/method': 'LIST', 'req-url': 'http://localhost/hidden' };

    expect(decidePod(allow, { ...settings, 'a/resource-name': 'other/secret/b' })).toEqual(
      refused(
        `sync-sidecar.io/syncs="a": ${lacks} it; ${accepts}`,
        `sync-sidecar.io/profile="wide": ${lacks} it; ${accepts}`,
        `a.sync-sidecar.io/resource-name="other/secret/b": ${lacks} namespace, for which it stands; ${accepts}`,
        `a.sync-sidecar.io/method="LIST": ${lacks} it; ${accepts}`,
        `sync-sidecar.io/req-url: ${lacks} it; ${accepts}`,
      ),
    );
  });

  it('forbids the settings that it denies, also to repeat what holds anyway', () => {
    const denied = 'may not be set by a pod: policy.settings.deny has it; accepts pods without it';

    expect(decidePod('settings: { deny: [script, log-level] }', { script: '/a', 'log-level': 'WARN' })).toEqual(
      refused(`sync-sidecar.io/log-level="WARN": ${denied}`, `sync-sidecar.io/script="/a": ${denied}`),
    );
    expect(decidePod('settings: { allow: [label, folder, script], deny: [script] }', { script: '/a' })).toEqual(
      refused(`sync-sidecar.io/script="/a": ${denied}`),
    );
  });

  it('forbids what stands for a setting that it denies', () => {
    const denied = 'may not be set by a pod: policy.settings.deny has';
    const accepts = 'accepts pods without it';

    expect(decidePod('settings: { deny: [label-value] }', { 'resource-name': 'b' })).toEqual(
      refused(`sync-sidecar.io/resource-name="b": ${denied} label-value, for which it stands; ${accepts}`),
    );
    expect(decidePod('settings: { deny: [namespace] }', { 'resource-name': 'a,shop/configmap/b' })).toEqual(
      refused(
        `sync-sidecar.io/resource-name="a,shop/configmap/b": ${denied} namespace, for which it stands; ${accepts}`,
      ),
    );
    expect(decidePod('settings: { deny: [namespace] }', { 'resource-name': 'configmap/b' })).toEqual(injected);
  });

  it('forbids a payload where it denies a template, and the other way round', () => {
    const denied = 'may not be set by a pod: policy.settings.deny has';
    const payload = { 'req-method': 'POST', 'req-payload': 'x' };
    const template = { 'req-method': 'POST', 'req-payload-template': '{{sync}}' };
    const accepts = 'accepts pods without it';

    expect(decidePod('settings: { deny: [req-payload-template] }', payload)).toEqual(
      refused(`sync-sidecar.io/req-payload: ${denied} req-payload-template, for which it stands; ${accepts}`),
    );
    expect(decidePod('settings: { deny: [req-payload] }', template)).toEqual(
      refused(`sync-sidecar.io/req-payload-template: ${denied} req-payload, for which it stands; ${accepts}`),
    );
  });

  it.each(['req', 'url'])('forbids a name from a Secret where it denies the name: %s', (kind) => {
    const settings = { [`${kind}-username-from`]: 'a/user', [`${kind}-password-from`]: 'a/word' };

    expect(decidePod(`settings: { deny: [${kind}-username] }`, settings)).toEqual(
      refused(
        `sync-sidecar.io/${kind}-username-from: may not be set by a pod: policy.settings.deny has ${kind}-username, for which it stands; accepts pods without it`,
      ),
    );
  });

  it('tells what it denies together with what is not accepted, once for all syncs', () => {
    expect(decidePod('settings: { deny: [method] }', { syncs: 'a,b', method: 'WACH', 'b/folder': '/b' })).toEqual({
      reason: 'invalid-settings',
      problems: [
        'sync-sidecar.io/method="WACH": is not accepted; accepts WATCH, LIST or SLEEP; did you mean WATCH?',
        'sync-sidecar.io/method: may not be set by a pod: policy.settings.deny has it; accepts pods without it',
      ],
    });
  });

  it.each([
    { SCRIPT: '/a' },
    { Script: '/a' },
    { ' script': '/a' },
    { ѕcript: '/a' },
    { 'a/script': '/a' },
    { syncs: 'a', 'a/script': '/a' },
    { syncs: 'a', 'b/script': '/a' },
  ])('is not evaded by spelling: %j', (settings) => {
    expect(decidePod('settings: { deny: [script] }', settings as Record<string, string>).reason).not.toBe('injected');
  });
});

describe('policy.locked', () => {
  it('lets a pod repeat what holds without it, however it is written', () => {
    expect(decidePod('locked: [log-level, method]', { 'log-level': ' warn ', method: 'watch' })).toEqual(injected);
    expect(decidePod('locked: [log-level]', { 'log-level': ' ' })).toEqual(injected);
  });

  it('refuses a pod that says otherwise, with what holds', () => {
    expect(
      decidePod('locked: [log-level, method, syncs]', { 'log-level': 'INFO', method: 'LIST', syncs: 'a' }),
    ).toEqual(
      refused(
        'sync-sidecar.io/syncs="a": is locked: policy.locked has it; accepts pods without it',
        'sync-sidecar.io/log-level="INFO": is locked: policy.locked has it; accepts WARN, or pods without it',
        'sync-sidecar.io/method="LIST": is locked: policy.locked has it; accepts WATCH, or pods without it',
      ),
    );
  });

  it('holds for a limit that a request would move, and for a request that a limit would move', () => {
    const stands = (row: string): string => `${row}, for which it stands; accepts pods without it`;

    for (const [policy, fault] of [
      ['locked: [memory-limit]', 'is locked: policy.locked has'],
      ['settings: { deny: [memory-limit] }', 'may not be set by a pod: policy.settings.deny has'],
    ] as const) {
      expect(decidePod(policy, { 'memory-request': '192Mi' })).toEqual(injected);
      expect(decidePod(policy, { 'memory-request': '10Gi' })).toEqual(
        refused(`sync-sidecar.io/memory-request="10Gi": ${fault} ${stands('memory-limit')}`),
      );
    }
    const locked = 'locked: [memory-request, cpu-request]';
    expect(decidePod(locked, { 'memory-limit': '64Mi', 'cpu-limit': '1' })).toEqual(injected);
    expect(decidePod(locked, { 'memory-limit': '63Mi', 'cpu-limit': '9m' })).toEqual(
      refused(
        `sync-sidecar.io/cpu-limit="9m": is locked: policy.locked has ${stands('cpu-request')}`,
        `sync-sidecar.io/memory-limit="63Mi": is locked: policy.locked has ${stands('memory-request')}`,
      ),
    );
  });

  it('lets a pod repeat an amount in other units', () => {
    const settings = { profile: 'small', 'volume-size-limit': '102400Ki' };

    expect(decidePod('locked: [volume-size-limit]', settings)).toEqual(injected);
    expect(decidePod('locked: [volume-size-limit]', { ...settings, 'volume-size-limit': '102401Ki' }).reason).toBe(
      'policy',
    );
  });

  it.each(['a=x', 'a!=x', 'a in (x,y)', 'b,a=x', '!a'])(
    'takes the label selector %j for a label with a value',
    (label) => {
      const denied = 'may not be set by a pod: policy.settings.deny has label-value, for which it stands';
      const locked = 'is locked: policy.locked has label-value, for which it stands';

      expect(decidePod('settings: { deny: [label-value] }', { label })).toEqual(
        refused(`sync-sidecar.io/label="${label}": ${denied}; accepts pods without it`),
      );
      expect(decidePod('locked: [label-value]', { label, profile: 'valued' })).toEqual(
        refused(`sync-sidecar.io/label="${label}": ${locked}; accepts pods without it`),
      );
    },
  );

  it('lets a pod choose the key of a label with a locked value', () => {
    expect(decidePod('locked: [label-value]', { label: 'b', profile: 'valued' })).toEqual(injected);
  });

  it('shows nothing of a value that may be secret', () => {
    const url = 'http://localhost/word';
    const settings = { profile: 'wide', 'req-url': url, 'alerts/req-url': url, 'alerts/label': 'b' };
    const locked = 'is locked: policy.locked has it; accepts pods without it';

    expect(decidePod('locked: [req-url, folder]', { ...settings, folder: '/platform' })).toEqual(
      refused(
        `sync-sidecar.io/req-url: ${locked}`,
        // The platform has another folder for the sync alerts.
        'sync-sidecar.io/folder="/platform": is locked: policy.locked has it; accepts /alerts, or pods without it',
        `alerts.sync-sidecar.io/req-url: ${locked}`,
      ),
    );
  });

  it('refuses what stands for a locked setting, unless it is the platform that says it', () => {
    const locked = 'locked: [label, namespace]';
    const fault = 'is locked: policy.locked has';
    const accepts = 'accepts pods without it';
    const grafana = { profile: 'named', label: '' };

    expect(decidePod('locked: [label]', { label: '', 'resource-name': 'b' })).toMatchObject({
      problems: expect.arrayContaining([
        `sync-sidecar.io/resource-name="b": ${fault} label, for which it stands; ${accepts}`,
      ]),
    });
    expect(decidePod('locked: [namespace]', { 'resource-name': 'other/secret/b' })).toEqual(
      refused(`sync-sidecar.io/resource-name="other/secret/b": ${fault} namespace, for which it stands; ${accepts}`),
    );
    expect(decidePod(locked, { ...grafana, 'resource-name': 'shared/configmap/a' }).problems).toEqual([]);
  });
});

describe('a setting that switches off what the platform says by another one', () => {
  const settings = { profile: 'small', volume: 'data', 'req-username': 'me' };
  const accepts = 'accepts pods without it';

  it('counts in place of that one', () => {
    const locked = 'is locked: policy.locked has';
    const denied = 'may not be set by a pod: policy.settings.deny has';

    expect(decidePod('locked: [volume-size-limit, req-username-from]', settings)).toEqual(
      refused(
        `sync-sidecar.io/volume="data": ${locked} volume-size-limit, for which it stands; ${accepts}`,
        `sync-sidecar.io/req-username="me": ${locked} req-username-from, for which it stands; ${accepts}`,
      ),
    );
    expect(decidePod('locked: [url-username-from]', { profile: 'small', 'url-username': 'me' })).toEqual(
      refused(`sync-sidecar.io/url-username="me": ${locked} url-username-from, for which it stands; ${accepts}`),
    );
    expect(decidePod('settings: { deny: [volume-size-limit] }', settings)).toEqual(
      refused(`sync-sidecar.io/volume="data": ${denied} volume-size-limit, for which it stands; ${accepts}`),
    );
  });

  it('is judged alone where the platform says nothing of that one', () => {
    const { profile: _, ...own } = settings;

    expect(decidePod('locked: [volume-size-limit, volume-medium, req-username-from]', own)).toEqual(injected);
    expect(decidePod('locked: [volume-medium]', settings)).toEqual(injected);
  });
});

describe('policy.namespaces', () => {
  const policy = "namespaces: ['shared-*']";
  const rule = (names: string): string =>
    `names ${names}, which policy.namespaces does not allow; accepts the pod's own namespace, shared-*`;

  it.each([
    {},
    { namespace: 'shop' },
    { namespace: 'shop, shared-a,shared-b-c' },
    { 'resource-name': 'a,secret/b,shop/secret/c,shared-a/configmap/d' },
  ])('lets a pod read from its own namespace and from those: %j', (settings) => {
    expect(decidePod(policy, settings as Record<string, string>)).toEqual(injected);
  });

  it.each([
    [{ namespace: 'kube-system' }, 'namespace="kube-system"', 'kube-system'],
    [{ namespace: 'shop,other, unshared-a' }, 'namespace="shop,other,unshared-a"', 'other, unshared-a'],
    [{ namespace: 'ALL' }, 'namespace="ALL"', 'ALL'],
    [{ namespace: 'shop,ALL' }, 'namespace="ALL"', 'ALL'],
    [{ 'resource-name': 'a,other/secret/b' }, 'resource-name="a,other/secret/b"', 'other'],
  ])('refuses others: %j', (settings, given, names) => {
    expect(decidePod(policy, settings as Record<string, string>)).toEqual(
      refused(`sync-sidecar.io/${given}: ${rule(names)}`),
    );
  });

  it('holds for a single sync', () => {
    const settings = { syncs: 'a,b', 'a/namespace': 'other', 'b/folder': '/b' };

    expect(decidePod(policy, settings)).toEqual(refused(`a.sync-sidecar.io/namespace="other": ${rule('other')}`));
  });

  it('allows every namespace only by *', () => {
    expect(decidePod("namespaces: ['*']", { namespace: 'ALL' })).toEqual(injected);
    expect(decidePod("namespaces: ['*-*', 'a*']", { namespace: 'ALL' }).reason).toBe('policy');
    expect(decidePod('namespaces: []', { namespace: 'shop' })).toEqual(injected);
    expect(decidePod('namespaces: []', { namespace: 'shop2' }).reason).toBe('policy');
  });

  it('leaves free what a profile says, and a pod that repeats it', () => {
    const profile = { profile: 'wide', folder: '' };

    expect(decidePod('namespaces: []', profile)).toEqual(injected);
    expect(decidePod('namespaces: []', { ...profile, namespace: 'ALL' })).toEqual(injected);
  });

  it.each([
    [{ profile: 'wide', folder: '', 'alerts/namespace': 'other' }],
    [{ profile: 'two', namespace: 'other-b' }],
    [{ profile: 'two', namespace: 'shop,other-b,other-a' }],
    [{ profile: 'two', syncs: 'a,b', 'b/folder': '/b', 'a/namespace': 'other-b' }],
  ])('lets a pod read from a part of what its profile reads from: %j', (settings) => {
    expect(decidePod('namespaces: []', settings as Record<string, string>)).toEqual(injected);
  });

  it('lets a pod add none to what its profile reads from', () => {
    const fault = 'names unshared, which policy.namespaces does not allow';
    const accepts = "accepts the pod's own namespace, other-a, other-b, shared-*";
    const settings = { profile: 'two', namespace: 'other-a,unshared' };

    expect(decidePod(policy, settings)).toEqual(
      refused(`sync-sidecar.io/namespace="other-a,unshared": ${fault}; ${accepts}`),
    );
    expect(decidePod(policy, { profile: 'two', namespace: 'ALL' }).reason).toBe('policy');
  });

  it('takes what a profile says of one sync for that sync alone', () => {
    const settings = { profile: 'one', syncs: 'a,b', 'b/folder': '/b' };

    expect(decidePod(policy, { ...settings, 'a/namespace': 'other' })).toEqual(injected);
    expect(decidePod(policy, { ...settings, 'b/namespace': 'other' }).reason).toBe('policy');
    expect(decidePod(policy, { ...settings, namespace: 'other' }).reason).toBe('policy');
  });

  it('is about names of objects too, whatever the profile reads from', () => {
    expect(decidePod(policy, { profile: 'two', 'resource-name': 'other-a/configmap/b' }).reason).toBe('policy');
  });

  it('holds beside a lock, which lets a pod change nothing', () => {
    const locked = "locked: [namespace]\nnamespaces: ['*']";

    expect(decidePod(locked, { profile: 'two', namespace: 'other-a' }).reason).toBe('policy');
  });
});

describe('policy.folders', () => {
  it.each(['/etc/grafana', '/etc/grafana/', '/etc/grafana/dashboards', '/etc//./grafana/a'])(
    'lets a pod have %s',
    (folder) => {
      expect(decidePod('folders: [/var, /etc/grafana]', { folder })).toEqual(injected);
    },
  );

  it.each(['/opt', '/etc/grafana-evil', '/Etc/grafana', '/etc/grafanа', '/data'])('refuses %s', (folder) => {
    expect(decidePod('folders: [/var, /etc/grafana]', { folder })).toEqual(
      refused(
        `sync-sidecar.io/folder="${folder}": is a folder that policy.folders does not allow; accepts /var, /etc/grafana and what lies below`,
      ),
    );
  });

  it.each(['/etc/grafana/../shadow', '/etc/grafana/..', 'etc/grafana', '/etc/grafana\0'])(
    'never sees %j, which no pod may set',
    (folder) => {
      expect(decidePod('folders: [/etc/grafana]', { folder }).reason).toBe('invalid-settings');
    },
  );
});

describe('policy.urlHosts', () => {
  it.each(['http://localhost:3000/', 'http://[::1]/', 'https://a.example.com/word'])('lets a pod call %s', (url) => {
    expect(decidePod("urlHosts: ['*.example.com']", { 'req-url': url })).toEqual(injected);
  });

  it('refuses others, and shows of the URL its host alone', () => {
    const settings = { 'req-url': 'https://evil.example:8443/a.example.com/word?word#word' };

    expect(decidePod("urlHosts: ['*.example.com']", settings).problems).toEqual([
      'sync-sidecar.io/req-url: leads to "evil.example", which policy.urlHosts does not allow; accepts localhost, *.example.com',
    ]);
  });
});

describe('policy.resources', () => {
  const policy = 'resources: { cpu: 500m, memory: 256Mi, volume: 1Gi }';

  it('lets a pod ask for as much, however it is written', () => {
    const settings = { 'cpu-limit': '0.5', 'memory-limit': '262144Ki', 'volume-size-limit': '1024Mi' };

    expect(decidePod(policy, settings)).toEqual(injected);
  });

  it('refuses a volume in memory that makes the sidecar have more memory', () => {
    const rule = (limit: string): string =>
      `makes the sidecar's memory limit ${limit}, which is more than policy.resources.memory allows; accepts a volume with which it is at most 256Mi`;

    expect(decidePod(policy, { volume: 'large' })).toEqual(
      refused(`sync-sidecar.io/volume="large": ${rule('102592Mi')}`),
    );
    expect(decidePod(policy, { resource: 'secret', 'volume-size-limit': '65Mi' })).toEqual(
      refused(`sync-sidecar.io/volume-size-limit="65Mi": ${rule('257Mi')}`),
    );
    expect(decidePod(policy, { resource: 'secret', 'volume-size-limit': '64Mi' })).toEqual(injected);
    expect(decidePod(policy, { resource: 'secret', 'volume-size-limit': '99Mi', 'memory-limit': '256Mi' })).toEqual(
      injected,
    );
  });

  it('leaves free what the sidecar has without the pod saying anything of it', () => {
    const low = 'resources: { memory: 100Mi }';

    expect(decidePod(low, { resource: 'secret', 'volume-size-limit': '64Mi' })).toEqual(injected);
    expect(decidePod(low, { resource: 'secret', 'volume-size-limit': '65Mi' }).reason).toBe('policy');
  });

  it('refuses a pod that asks for more', () => {
    const more = { 'cpu-request': '501m', 'cpu-limit': '1', 'memory-limit': '257Mi', 'volume-size-limit': '2Gi' };

    expect(decidePod(policy, more)).toEqual(
      refused(
        'sync-sidecar.io/volume-size-limit="2Gi": is more than policy.resources.volume allows; accepts at most 1Gi',
        'sync-sidecar.io/cpu-request="501m": is more than policy.resources.cpu allows; accepts at most 500m',
        'sync-sidecar.io/cpu-limit="1": is more than policy.resources.cpu allows; accepts at most 500m',
        'sync-sidecar.io/memory-limit="257Mi": is more than policy.resources.memory allows; accepts at most 256Mi',
      ),
    );
  });
});

describe('policy.imagePrefixes', () => {
  it('says which images a pod may choose', () => {
    const policy = 'imagePrefixes: [registry.example.com/team]';

    expect(decidePod(policy, { image: 'registry.example.com/team/sync-sidecar:2' })).toEqual(injected);
    expect(decidePod(policy, { image: 'registry.example.com/team-evil/sync-sidecar:2' })).toEqual(
      refused(
        'sync-sidecar.io/image="registry.example.com/team-evil/sync-sidecar:2": is an image that policy.imagePrefixes does not allow; accepts images of registry.example.com/team',
      ),
    );
  });
});

describe('a policy that says nothing', () => {
  it('allows everything', () => {
    const settings = { namespace: 'ALL', folder: '/any', 'req-url': 'https://any.example/', script: '/a' };

    expect(decidePod('settings: {}', settings)).toEqual(injected);
  });
});
