import { describe, expect, it } from '@jest/globals';
import type { Container, Pod, Resources } from './pod.ts';
import { sidecarResources } from './sidecar-resources.ts';

const burstable = { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '192Mi' } };
const guaranteed = { requests: { cpu: '100m', memory: '192Mi' }, limits: { cpu: '100m', memory: '192Mi' } };
const full = { cpu: '1', memory: '1Gi' };

function pod(resources: Resources | undefined, initContainers: readonly Container[] = []): Pod {
  return { spec: { containers: [{ name: 'app', ...(resources && { resources }) }], initContainers } };
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
    expect(sidecarResources(pod(resources), { inMemory: false })).toEqual(burstable);
  });

  it.each<[string, Resources]>([
    ['limits alone, which the API server takes for requests', { limits: full }],
    ['requests that equal the limits', { requests: full, limits: full }],
    ['requests that equal the limits in other words', { requests: { cpu: '1000m', memory: '1024Mi' }, limits: full }],
  ])('keep a pod Guaranteed that has %s', (_case, resources) => {
    expect(sidecarResources(pod(resources), { inMemory: false })).toEqual(guaranteed);
  });

  it('follow from the init containers too', () => {
    expect(sidecarResources(pod({ limits: full }, [{ name: 'init' }]), { inMemory: false })).toEqual(burstable);
    const init = { name: 'init', resources: { limits: full } };
    expect(sidecarResources(pod({ limits: full }, [init]), { inMemory: false })).toEqual(guaranteed);
  });

  it('have room for a volume in memory', () => {
    const memory = '256Mi';
    expect(sidecarResources(pod({}), { inMemory: true })).toEqual({ ...burstable, limits: { memory } });
    const all = { cpu: '100m', memory };
    expect(sidecarResources(pod({ limits: full }), { inMemory: true })).toEqual({ requests: all, limits: all });
  });
});
