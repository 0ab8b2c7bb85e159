import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { emptyConfiguration } from './configuration/configuration.ts';
import { decide } from './decision.ts';
import { podFault, withContainers } from './pod-shape.ts';
import type { Pod } from './pod.ts';

const asking = {
  'sync-sidecar.io/inject': 'true',
  'sync-sidecar.io/label': 'dashboard',
  'sync-sidecar.io/folder': '/etc/dashboards',
};

describe('the shape of a pod', () => {
  it.each([
    {},
    { metadata: {}, spec: {} },
    { spec: { containers: [{ name: 'app', ports: [{ containerPort: 80 }], fieldOfTomorrow: 1 }] } },
  ])('is right: %j', (pod) => {
    expect(podFault(pod)).toBeNull();
  });

  it.each([
    [{ metadata: null }, 'request.object.metadata is not an object'],
    [{ metadata: { annotations: ['a'] } }, 'request.object.metadata.annotations is not an object'],
    [{ metadata: { annotations: { 'a.b/c': 1 } } }, 'request.object.metadata.annotations["a.b/c"] is not a text'],
    [{ spec: 'none' }, 'request.object.spec is not an object'],
    [{ spec: { containers: {} } }, 'request.object.spec.containers is not a list'],
    [{ spec: { containers: [{ name: '' }, null] } }, 'request.object.spec.containers[1] is not an object'],
    [{ spec: { containers: [{}] } }, 'request.object.spec.containers[0].name is not a text'],
    [{ spec: { initContainers: [{ name: 1 }] } }, 'request.object.spec.initContainers[0].name is not a text'],
    [
      { spec: { containers: [{ name: 'a', ports: [{ containerPort: '80' }] }] } },
      'request.object.spec.containers[0].ports[0].containerPort is not a number',
    ],
    [{ spec: { volumes: [[]] } }, 'request.object.spec.volumes[0] is not an object'],
    [
      { spec: { volumes: [{ name: 'a', emptyDir: { sizeLimit: 1 } }] } },
      'request.object.spec.volumes[0].emptyDir.sizeLimit is not a text',
    ],
  ])('is told where it is wrong: %j', (pod, fault) => {
    expect(podFault(pod)).toBe(fault);
  });

  it('may lack containers in the way that Go has it', () => {
    const pod = { metadata: {}, spec: { containers: null, hostNetwork: true } };

    expect(withContainers(pod)).toEqual({ metadata: {}, spec: { containers: [], hostNetwork: true } });
  });

  it('is all that a decision needs to come to an end', () => {
    const options = { namespace: 'x', namespaceLabel: 'true', configuration: emptyConfiguration, image: 'sidecar:1' };
    let decided = 0;
    fc.assert(
      fc.property(arbitraryGarbage(), (pod) => {
        if (podFault(pod) !== null) return;
        decided++;
        expect(decide(pod as Pod, options).outcome).toMatch(/^(inject|admit|refuse)$/);
      }),
      { numRuns: 2000 },
    );
    // Fewer would show nothing.
    expect(decided).toBeGreaterThan(200);
  });
});

/** Something like a pod; now and then a field of it is missing, or anything. */
function arbitraryGarbage(): fc.Arbitrary<Record<string, unknown>> {
  const name = fc.constantFrom('app', 'sync-sidecar', 'istio-proxy');
  const variable = object({ name: fc.constantFrom('HEALTH_PORT', 'SYNC_SIDECAR_INJECTED'), value: fc.string() });
  const container = object({
    name,
    restartPolicy: fc.constant('Always'),
    command: list(fc.string()),
    args: list(fc.constantFrom('proxy', 'router')),
    env: list(variable),
    ports: list(object({ name, containerPort: fc.nat(70_000) })),
    resources: object({ limits: fc.dictionary(fc.constantFrom('cpu', 'memory'), fc.string()) }),
    volumeMounts: list(object({ name, mountPath: fc.constantFrom('/', '/etc', ''), subPath: fc.string() })),
    volumeDevices: list(object({ name, devicePath: fc.constantFrom('/', '/etc', '') })),
    startupProbe: object({ httpGet: object({ port: fc.jsonValue() }) }),
  });
  const spec = object({
    containers: list(container),
    initContainers: list(container),
    volumes: list(
      object({ name, emptyDir: object({ medium: fc.string(), sizeLimit: fc.string() }), projected: fc.jsonValue() }),
    ),
    hostNetwork: fc.jsonValue(),
    os: object({ name: fc.string() }),
    nodeSelector: fc.dictionary(fc.string(), fc.string()),
    securityContext: object({ runAsUser: fc.integer() }),
  });
  const annotations = fc.constantFrom(asking, { ...asking, 'sync-sidecar.io/volume': 'app' });
  // Through JSON, as it travels: what is undefined is missing.
  return fc
    .record({ metadata: object({ annotations }), spec })
    .map((pod) => JSON.parse(JSON.stringify(pod)) as Record<string, unknown>);
}

function object(fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  const entries = Object.entries(fields).map(([name, arbitrary]) => [
    name,
    fc.oneof(
      { arbitrary, weight: 50 },
      { arbitrary: fc.constant(undefined), weight: 1 },
      { arbitrary: fc.jsonValue({ maxDepth: 1 }), weight: 1 },
    ),
  ]);
  return fc.record(Object.fromEntries(entries) as Record<string, fc.Arbitrary<unknown>>);
}

function list(item: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.array(item, { maxLength: 2 });
}
