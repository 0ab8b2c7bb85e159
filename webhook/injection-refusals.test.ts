import { describe, expect, it } from '@jest/globals';
import { ourAnnotations } from '../test/pod-settings-of.ts';
import type { Configuration } from './configuration/configuration.ts';
import { decide, type Decision, type DecisionOptions } from './decision.ts';
import type { Container, Pod, PodSpec } from './pod.ts';

const configuration: Configuration = { defaults: {}, profiles: new Map([['default', {}]]) };
const image = 'example.com/sync-sidecar:1';
const options: DecisionOptions = { namespace: 'x', namespaceLabel: undefined, configuration, image };
const asking = { inject: 'true', label: 'dashboard', folder: '/etc/dashboards' };

interface Options extends Partial<DecisionOptions> {
  readonly spec?: PodSpec;
}

function decidePod(settings: Record<string, string>, { spec, ...more }: Options = {}): Decision {
  const pod: Pod = {
    metadata: { annotations: ourAnnotations(settings) },
    spec: { containers: [{ name: 'app' }], ...spec },
  };
  return decide(pod, { ...options, ...more });
}

function invalid(message: string): object {
  return { outcome: 'refuse', reason: 'invalid-settings', message };
}

/** The container that a decision injects. */
function injected(decision: Decision): Container {
  if (decision.outcome !== 'inject') throw new Error(JSON.stringify(decision));
  const { value } = decision.operations.find(({ path }) => path === '/spec/initContainers')!;
  return (value as Container[])[0]!;
}

describe('what a pod says of its injection', () => {
  it('is refused with every problem of the settings of its injection in one message', () => {
    const settings = {
      ...asking,
      image: 'Example.com/Sync Sidecar',
      'image-pull-policy': 'Alway',
      'cpu-limit': '0',
      'memory-request': '64m',
      'mount-containers': 'App',
      volume: '/data',
      'volume-medium': 'ram',
      'volume-size-limit': '1GB',
      'run-as-user': '0',
      'run-as-group': 'wheel',
      position: 'First!',
      'env-from': 'NODE_OPTIONS=configmap/node/options,A__LABEL=configmap/a/b,PROXY',
      'req-url': 'http://admin:hunter2@grafana:3000/reload',
      'req-password': 'hunter2',
      'req-password-from': 'hunter2',
      'req-user-from': 'grafana/user',
    };

    expect(decidePod(settings)).toEqual(
      invalid(`16 problems with the settings:
  sync-sidecar.io/req-password: only a sidecar that is written by hand may set this; did you mean sync-sidecar.io/req-password-from?
  sync-sidecar.io/req-user-from: is no setting; did you mean sync-sidecar.io/req-username-from?
  sync-sidecar.io/position="First!": is not accepted; accepts first, last or the name of an init container
  sync-sidecar.io/mount-containers="App": is not accepted; accepts a comma separated list of containers of the pod
  sync-sidecar.io/volume="/data": is not accepted; accepts the name of a volume of the pod
  sync-sidecar.io/volume-medium="ram": is not accepted; accepts memory or disk
  sync-sidecar.io/volume-size-limit="1GB": is not accepted; accepts an amount of memory, such as 64Mi (at least 1Mi)
  sync-sidecar.io/image="Example.com/Sync Sidecar": is not accepted; accepts the name of an image, such as registry.example.com/sync-sidecar:1.0.0
  sync-sidecar.io/image-pull-policy="Alway": is not accepted; accepts Always, IfNotPresent or Never; did you mean Always?
  sync-sidecar.io/cpu-limit="0": is not accepted; accepts an amount of CPU up to 8, such as 100m or 0.5
  sync-sidecar.io/memory-request="64m": is less than 1Mi; accepts an amount of memory, such as 64Mi (at least 1Mi); did you mean 64Mi?
  sync-sidecar.io/run-as-user="0": is root, which the sidecar never is; accepts a whole number from 1 to 2147483647
  sync-sidecar.io/run-as-group="wheel": is not accepted; accepts a whole number from 1 to 2147483647
  sync-sidecar.io/env-from: item 3 is of another form, and NODE_OPTIONS changes how the sidecar is run, or whom it trusts, and A__LABEL is spelled as a setting of one sync; accepts a comma separated list of NAME=configmap/OBJECT/KEY and NAME=secret/OBJECT/KEY, objects in the pod's namespace, for variables such as HTTPS_PROXY
  sync-sidecar.io/req-url: has a user name or a password in it; accepts an http:// or https:// URL without user name and password; those come from req-username-from and req-password-from
  sync-sidecar.io/req-password-from: is not accepted; accepts SECRET/KEY, a key of a Secret in the pod's namespace`),
    );
  });

  it('is refused with every setting that does not fit the pod, beside whatever else is in the way', () => {
    const settings = {
      ...asking,
      label: 'app=grafana',
      'label-value': '1',
      resource: 'secret',
      image: 'example.com/other',
      'volume-medium': 'disk',
      'memory-limit': '64Mi',
      'mount-containers': 'ap',
    };

    expect(decidePod(settings, { spec: { os: { name: 'windows' } } })).toEqual(
      invalid(`4 problems with the settings:
  sync-sidecar.io/label-value="1": cannot be added to sync-sidecar.io/label="app=grafana"; accepts a value only where the label is a key
  sync-sidecar.io/image="example.com/other": is an image that policy.imagePrefixes does not allow; accepts no image of a pod
  sync-sidecar.io/mount-containers="ap": the pod has no such container; accepts app; did you mean app?
  sync-sidecar.io/volume-medium="disk": Secrets are synced, and never get to a disk; accepts memory
the sidecar runs on Linux; this pod is for Windows`),
    );
    expect(decidePod({ ...asking, method: 'x' }, { spec: { os: { name: 'windows' } } })).toEqual(
      invalid(`1 problem with the settings:
  sync-sidecar.io/method="x": is not accepted; accepts WATCH, LIST or SLEEP
the sidecar runs on Linux; this pod is for Windows`),
    );
  });

  it.each([
    'startup-timeout',
    'image',
    'cpu-limit',
    'mount-containers',
    'volume',
    'run-as-user',
    'position',
    'env-from',
  ])('may not set for one sync what holds for the pod: %s', (name) => {
    const settings = { ...asking, syncs: 'a', [`a/${name}`]: 'x' };

    expect(decidePod(settings)).toEqual(
      invalid(`1 problem with the settings:
  a.sync-sidecar.io/${name}: is a setting of the whole process and takes no sync name; did you mean sync-sidecar.io/${name}?`),
    );
  });

  it.each(['skip-tls-verify', 'req-skip-tls-verify', 'url-allowed-hosts', 'url-allow-private'])(
    'may not set what only the platform may: %s',
    (name) => {
      const profiles = new Map([['default', { [name]: 'true' }]]);

      expect(decidePod({ ...asking, [name]: 'true' })).toEqual(
        invalid(`1 problem with the settings:
  sync-sidecar.io/${name}: only a profile of the platform team may set this`),
      );
      expect(decidePod(asking, { configuration: { ...configuration, profiles } }).reason).toBe('injected');
    },
  );

  it.each(['http://u@h/', 'http://:p@h/', 'http://u:p@h/'])('has no user name and no password in a URL: %s', (url) => {
    const accepts =
      'accepts an http:// or https:// URL without user name and password; those come from req-username-from and req-password-from';

    expect(decidePod({ ...asking, 'req-url': url })).toEqual(
      invalid(`1 problem with the settings:
  sync-sidecar.io/req-url: has a user name or a password in it; ${accepts}`),
    );
  });

  it.each([
    ['req-password', 'req-password-from'],
    ['req-password-file', 'req-password-from'],
    ['req-username-file', 'req-username-from'],
    ['url-password', 'url-password-from'],
    ['url-password-file', 'url-password-from'],
    ['url-username-file', 'url-username-from'],
  ])('is told from where credentials come: %s', (name, instead) => {
    expect(decidePod({ ...asking, syncs: 'a', [`a/${name}`]: 'x' })).toEqual(
      invalid(`1 problem with the settings:
  a.sync-sidecar.io/${name}: only a sidecar that is written by hand may set this; did you mean a.sync-sidecar.io/${instead}?`),
    );
  });

  it('names an image only where the platform team allows it, by whatever spelling', () => {
    const allowing = { ...configuration, policy: { imagePrefixes: ['example.com/mirror', 'other.example.com'] } };
    const choosing = (image: string): Decision => decidePod({ ...asking, image }, { configuration: allowing });

    expect(injected(choosing(' example.com/mirror/sync-sidecar:2 ')).image).toBe('example.com/mirror/sync-sidecar:2');
    expect(injected(choosing('')).image).toBe(image);
    expect(choosing('example.com/mirror-evil:1')).toEqual({
      outcome: 'refuse',
      reason: 'policy',
      message: `1 problem with the settings:
  sync-sidecar.io/image="example.com/mirror-evil:1": is an image that policy.imagePrefixes does not allow; accepts images of example.com/mirror, other.example.com`,
    });
    expect(decidePod({ ...asking, image: 'example.com/mirror/a' })).toMatchObject({
      reason: 'policy',
      message: expect.stringContaining('policy.imagePrefixes does not allow; accepts no image of a pod'),
    });
  });

  it('may have its image from the profile', () => {
    const profiles = new Map([['default', { image: 'example.com/profile:1' }]]);

    expect(injected(decidePod(asking, { configuration: { ...configuration, profiles } })).image).toBe(
      'example.com/profile:1',
    );
  });
});
