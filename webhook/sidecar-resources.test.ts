import { describe, expect, it } from '@jest/globals';
import { podSettingsOf } from '../test/pod-settings-of.ts';
import type { Container, Pod, Resources } from './pod.ts';
import { isGuaranteed } from './guaranteed.ts';
import { sidecarResources } from './sidecar-resources.ts';

const mi = 1024 ** 2;
const burstable = { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '192Mi' } };
const guaranteed = { requests: { cpu: '100m', memory: '192Mi' }, limits: { cpu: '100m', memory: '192Mi' } };
const full = { cpu: '1', memory: '1Gi' };

function pod(resources: Resources | undefined, initContainers: readonly Container[] = []): Pod {
  return { spec: { containers: [{ name: 'app', ...(resources && { resources }) }], initContainers } };
}

interface Asked {
  readonly settings?: Record<string, string>;
  readonly volumeBytes?: number;
}

function resourcesIn(one: Pod, { settings, volumeBytes = 0 }: Asked = {}): Resources {
  return sidecarResources(one, podSettingsOf({ label: 'a', folder: '/a', ...settings }), volumeBytes);
}

describe('the resources of the sidecar', () => {
  it.each<[string, Resources | undefined]>([
    ['nothing', undefined],
    ['empty resources', {}],
    ['requests alone', { requests: full }],
    ['no limit for CPU', { limits: { memory: '1Gi' } }],
    ['a request below its limit', { requests: { cpu: '500m', memory: '1Gi' }, limits: full }],
    ['a limit of nothing', { limits: { cpu: '0', memory: '1Gi' } }],
  ])('leave CPU unlimited in a pod with %s', (_case, resources) => {
    expect(resourcesIn(pod(resources))).toEqual(burstable);
  });

  it.each<[string, Resources]>([
    ['limits alone, which the API server takes for requests', { limits: full }],
    ['requests that equal the limits', { requests: full, limits: full }],
    ['requests that equal the limits in other words', { requests: { cpu: '1000m', memory: '1024Mi' }, limits: full }],
  ])('keep a pod Guaranteed that has %s', (_case, resources) => {
    expect(resourcesIn(pod(resources))).toEqual(guaranteed);
  });

  it('follow from the init containers too', () => {
    expect(resourcesIn(pod({ limits: full }, [{ name: 'init' }]))).toEqual(burstable);
    const init = { name: 'init', resources: { limits: full } };
    expect(resourcesIn(pod({ limits: full }, [init]))).toEqual(guaranteed);
  });

  it('have room for a volume in memory', () => {
    const volumeBytes = 64 * mi;
    const memory = '256Mi';
    expect(resourcesIn(pod({}), { volumeBytes })).toEqual({ ...burstable, limits: { memory } });
    const all = { cpu: '100m', memory };
    expect(resourcesIn(pod({ limits: full }), { volumeBytes })).toEqual({ requests: all, limits: all });
    expect(resourcesIn(pod({}), { volumeBytes: 1e6 }).limits).toEqual({ memory: '202326592' });
  });

  it.each<[Record<string, string>, Resources]>([
    [{ 'cpu-request': '20m' }, { ...burstable, requests: { cpu: '20m', memory: '64Mi' } }],
    [{ 'cpu-limit': '1' }, { ...burstable, limits: { cpu: '1', memory: '192Mi' } }],
    [{ 'cpu-limit': '5m' }, { requests: { cpu: '5m', memory: '64Mi' }, limits: { cpu: '5m', memory: '192Mi' } }],
    [{ 'memory-request': '128Mi' }, { requests: { cpu: '10m', memory: '128Mi' }, limits: { memory: '192Mi' } }],
    [{ 'memory-request': '1Gi' }, { requests: { cpu: '10m', memory: '1Gi' }, limits: { memory: '1Gi' } }],
    [{ 'memory-limit': '48Mi' }, { requests: { cpu: '10m', memory: '48Mi' }, limits: { memory: '48Mi' } }],
    [{ 'memory-limit': '1Gi' }, { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '1Gi' } }],
    [
      { 'cpu-request': '20m', 'cpu-limit': '1', 'memory-request': '80Mi', 'memory-limit': '100Mi' },
      { requests: { cpu: '20m', memory: '80Mi' }, limits: { cpu: '1', memory: '100Mi' } },
    ],
  ])('are what the pod asks for, and the rest fits: %j', (settings, expected) => {
    expect(resourcesIn(pod({}), { settings })).toEqual(expected);
  });

  it.each<[Record<string, string>, Readonly<Record<string, string>>]>([
    [{ 'cpu-request': '20m' }, { cpu: '20m', memory: '192Mi' }],
    [
      { 'cpu-limit': '1', 'memory-request': '80Mi' },
      { cpu: '1', memory: '80Mi' },
    ],
    [{ 'memory-limit': '1Gi' }, { cpu: '100m', memory: '1Gi' }],
  ])('are what a Guaranteed pod asks for, requests and limits alike: %j', (settings, all) => {
    expect(resourcesIn(pod({ limits: full }), { settings })).toEqual({ requests: all, limits: all });
  });
});

describe('in a pod with resources of its own', () => {
  const shared = (resources: Resources): Pod => ({ spec: { resources, containers: [{ name: 'app' }] } });

  it.each<[Resources, Resources]>([
    [{ requests: full, limits: full }, {}],
    [{ limits: full }, {}],
    [{ requests: { cpu: '1' } }, { requests: { memory: '64Mi' }, limits: { memory: '192Mi' } }],
    [{ limits: { memory: '1Gi' } }, { requests: { cpu: '10m' } }],
    [{}, burstable],
  ])('the sidecar shares them: %j', (resources, expected) => {
    expect(resourcesIn(shared(resources))).toEqual(expected);
  });

  it('the sidecar has some for itself where it asks', () => {
    const settings = { 'cpu-limit': '200m', 'memory-request': '80Mi' };

    expect(resourcesIn(shared({ limits: full }), { settings })).toEqual({
      requests: { memory: '80Mi' },
      limits: { cpu: '200m' },
    });
  });

  it('the containers do not make it Guaranteed', () => {
    const containers = [{ name: 'app', resources: { limits: full } }];

    expect(isGuaranteed({ spec: { containers } })).toBe(true);
    expect(isGuaranteed({ spec: { containers, resources: { requests: { cpu: '1' } } } })).toBe(false);
  });
});
