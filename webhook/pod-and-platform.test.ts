import { describe, expect, it } from '@jest/globals';
import jsonPatch, { type Operation } from 'fast-json-patch';
import { ourAnnotations } from '../test/pod-settings-of.ts';
import { parseConfiguration } from './configuration/configuration.ts';
import { decide, type Decision } from './decision.ts';
import type { Container, Pod, PodSpec, Volume } from './pod.ts';

interface Given {
  /** In the configuration, as YAML. */
  readonly defaults?: string;
  readonly profile?: string;
  /** Of the pod, beside what every pod of these tests says. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly spec?: PodSpec;
}

function podOf({ settings = {}, spec = {} }: Given): Pod {
  const annotations = ourAnnotations({ inject: 'true', profile: 'grafana', label: 'a', folder: '/a', ...settings });
  return { metadata: { annotations }, spec: { containers: [{ name: 'app' }], ...spec } };
}

/** The decision about a pod under what a platform says in its defaults, and in the profile `grafana` that the pod has. */
function decideWith(given: Given): Decision {
  const { defaults = '{}', profile = '{}' } = given;
  const text = `apiVersion: sync-sidecar.io/v1alpha1
kind: InjectionConfiguration
defaults: ${defaults}
profiles: { grafana: ${profile} }
`;
  const { configuration, problems } = parseConfiguration(text, 'f');
  if (!configuration) throw new Error(JSON.stringify(problems));
  return decide(podOf(given), { namespace: 'shop', namespaceLabel: undefined, configuration, image: 'sidecar:1' });
}

/** What of ours a pod gets: the sidecar, and the volume for its files if that is not the pod's own. */
function injected(given: Given): { container: Container; volume: Volume | undefined } {
  const decision = decideWith(given);
  if (decision.outcome !== 'inject') throw new Error(JSON.stringify(decision));
  const { spec } = jsonPatch.applyPatch(podOf(given), decision.operations as Operation[]).newDocument;
  const isOurs = ({ name }: { name: string }): boolean => name === 'sync-sidecar';
  return { container: spec!.initContainers!.find(isOurs)!, volume: spec?.volumes?.find(isOurs) };
}

/** What a pod is refused for, a line for each problem. */
function problemsOf(given: Given): string[] {
  const decision = decideWith(given);
  return 'message' in decision ? decision.message.split('\n  ').slice(1) : [];
}

/** Some variables of the injected sidecar. */
function variables(given: Given, ...names: string[]): Record<string, unknown> {
  const { env = [] } = injected(given).container;
  const wanted = env.filter(({ name }) => names.includes(name));
  return Object.fromEntries(wanted.map(({ name, value, valueFrom }) => [name, value ?? valueFrom?.secretKeyRef]));
}

describe('what a pod says, against another way to say the same in defaults or its profile:', () => {
  it('a volume of its own has the shape that it has', () => {
    const spec = { volumes: [{ name: 'data', emptyDir: {} }] };
    const given = {
      defaults: '{ volume-size-limit: 100Mi, volume-medium: memory }',
      settings: { volume: 'data' },
      spec,
    };

    expect(injected(given).volume).toBeUndefined();
  });

  it('the shape of a volume makes the one that the platform names none of its business', () => {
    const given = { profile: '{ volume: data }', settings: { 'volume-medium': 'memory' } };

    expect(injected(given).volume).toEqual({ name: 'sync-sidecar', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } });
  });

  it('a template of a payload counts, or a payload', () => {
    const names = ['REQ_PAYLOAD', 'REQ_PAYLOAD_TEMPLATE'];
    const defaults = '{ req-url: "http://localhost/", req-method: POST }';
    const settings = { 'req-payload-template': '{{sync}}' };

    expect(variables({ defaults, profile: '{ req-payload: word }', settings }, ...names)).toEqual({
      REQ_PAYLOAD_TEMPLATE: '{{sync}}',
    });
    const profile = '{ req-payload-template: "{{sync}}" }';
    expect(variables({ defaults, profile, settings: { 'req-payload': 'word' } }, ...names)).toEqual({
      REQ_PAYLOAD: 'word',
    });
  });

  it('a user name counts, or where it comes from', () => {
    const settings = { 'req-username-from': 'grafana/user', 'url-username': 'me' };
    const given = { defaults: '{ req-username: admin, url-username-from: a/b }', settings };

    expect(variables(given, 'REQ_USERNAME', 'URL_USERNAME')).toEqual({
      REQ_USERNAME: { name: 'grafana', key: 'user' },
      URL_USERNAME: 'me',
    });
  });
});

describe('what the platform says gives way where it can not be beside what a pod is or says:', () => {
  it('Secrets are in memory, and not in as much as a disk would hold', () => {
    const inMemory = (sizeLimit: string): object => ({ emptyDir: { medium: 'Memory', sizeLimit } });
    const defaults = '{ volume-medium: disk, volume-size-limit: 10Gi }';

    expect(injected({ defaults }).volume).toMatchObject({ emptyDir: { sizeLimit: '10Gi' } });
    for (const given of [{ defaults }, { profile: defaults }]) {
      const { volume, container } = injected({ ...given, settings: { resource: 'secret' } });
      expect(volume).toMatchObject(inMemory('64Mi'));
      expect(container.resources?.limits).toEqual({ memory: '256Mi' });
    }
    const settings = { 'resource-name': 'secret/a', 'volume-size-limit': '1Mi' };
    expect(injected({ defaults, settings }).volume).toMatchObject(inMemory('1Mi'));
  });

  it('but a pod that wants its Secrets on a disk is refused', () => {
    const settings = { resource: 'both', 'volume-medium': 'disk' };

    expect(problemsOf({ profile: '{ volume-medium: disk }', settings })).toEqual([
      'sync-sidecar.io/volume-medium="disk": Secrets are synced, and never get to a disk; accepts memory',
    ]);
  });

  it.each([
    ['{ cpu-request: 20m, cpu-limit: 200m, memory-request: 64Mi, memory-limit: 256Mi }', {}, ['200m', '256Mi']],
    ['{ cpu-request: 20m, memory-request: 64Mi }', {}, ['20m', '192Mi']],
    ['{ memory-request: 64Mi }', { resource: 'secret' }, ['100m', '256Mi']],
    ['{ memory-request: 500Mi }', {}, ['100m', '500Mi']],
    ['{ memory-limit: 256Mi }', { 'memory-request': '300Mi' }, ['100m', '300Mi']],
    ['{ memory-request: 64Mi }', { 'memory-limit': '300Mi', 'cpu-request': '50m' }, ['50m', '300Mi']],
  ])('a Guaranteed pod stays so with defaults of %s and its own %j', (defaults, settings, [cpu, memory]) => {
    const limits = { cpu: '1', memory: '1Gi' };
    const spec = { containers: [{ name: 'app', resources: { limits } }] };

    expect(injected({ defaults, settings: settings, spec }).container.resources).toEqual({
      requests: { cpu, memory },
      limits: { cpu, memory },
    });
  });

  it('the stronger one of a request and a limit moves the other', () => {
    const defaults = '{ memory-request: 128Mi, memory-limit: 256Mi }';
    const resources = (given: Given): unknown => injected(given).container.resources;

    expect(resources({ defaults, settings: { 'memory-request': '300Mi' } })).toEqual({
      requests: { cpu: '10m', memory: '300Mi' },
      limits: { memory: '300Mi' },
    });
    expect(resources({ defaults, profile: '{ memory-limit: 100Mi }' })).toEqual({
      requests: { cpu: '10m', memory: '100Mi' },
      limits: { memory: '100Mi' },
    });
  });

  it('but what one of them says that does not fit together is told as its', () => {
    const given = { defaults: '{ memory-limit: 60Mi }', profile: '{ cpu-request: 300m, cpu-limit: 200m }' };

    expect(problemsOf({ ...given, settings: { resource: 'secret' } })).toEqual([
      'profile grafana: cpu-request="300m": is more than profile grafana: cpu-limit="200m"; accepts at most 200m',
      'defaults: memory-limit="60Mi": leaves the sidecar less than 32Mi beside its volume of 64Mi; accepts at least 96Mi',
    ]);
  });

  it('a label that is a whole selector has no value beside it, a key has', () => {
    const profile = '{ label-value: "1" }';

    expect(variables({ profile, settings: { label: 'app in (a,b)' } }, 'LABEL', 'LABEL_VALUE')).toEqual({
      LABEL: 'app in (a,b)',
    });
    expect(variables({ profile, settings: { label: 'app' } }, 'LABEL_VALUE')).toEqual({ LABEL_VALUE: '1' });
  });
});

describe('what is wrong with a pod because of the platform', () => {
  it('names defaults and profile, and no annotation that the pod has not', () => {
    const given = {
      defaults: '{ mount-containers: [web], req-payload-template: "{{sync}}", req-url: "http://localhost/" }',
      profile: '{ position: setup, volume: data, label: app=a }',
      settings: { label: '', 'label-value': 'x' },
    };

    expect(problemsOf(given)).toEqual([
      'sync-sidecar.io/label-value="x": cannot be added to profile grafana: label="app=a"; accepts a value only where the label is a key',
      "defaults: req-payload-template: can't be sent by a GET; accepts it together with sync-sidecar.io/req-method=POST",
      'profile grafana: position="setup": the pod has no such init container; accepts first, last',
      'defaults: mount-containers="web": the pod has no such container; accepts app',
      'profile grafana: volume="data": the pod has no such volume; accepts a volume of the pod that can be written; it has none',
    ]);
  });

  it('names them for the sync that it is about', () => {
    const profile = '{ syncs: [a, b], a.req-username: x, b.label-value: x, req-username-from: grafana/user }';

    expect(problemsOf({ profile })).toEqual([
      "profile grafana: req-username-from: can't be set besides profile grafana: a.req-username; accepts one of the two",
    ]);
    expect(problemsOf({ profile: '{ syncs: [a, b] }' })).toEqual([
      'profile grafana: syncs: a and b are the same sync; accepts syncs that differ in label, label-value, namespace, resource, resource-name or folder',
    ]);
  });
});
