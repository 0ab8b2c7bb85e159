import { describe, expect, it } from '@jest/globals';
import type { Container, PodSpec } from './pod.ts';
import { isSound } from './sound-sidecar.ts';

// As little as a sidecar can be; webhook/decision.test.ts has what else makes one unsound.
const sidecar: Container = {
  name: 'sync-sidecar',
  restartPolicy: 'Always',
  startupProbe: { httpGet: { port: 18080 } },
  volumeMounts: [{ name: 'sync-sidecar', mountPath: '/sync' }],
};
const app = { name: 'app', volumeMounts: [{ name: 'sync-sidecar', mountPath: '/etc/a', subPath: 'files/0' }] };
const spec: PodSpec = {
  initContainers: [sidecar],
  containers: [app],
  volumes: [{ name: 'sync-sidecar', emptyDir: {} }],
};

describe('a sidecar', () => {
  it('is sound with its volume and a container that sees the files', () => {
    expect(isSound({ spec }, sidecar)).toBe(true);
  });

  it.each<[string, PodSpec]>([
    ['on a volume of another kind', { ...spec, volumes: [{ name: 'sync-sidecar' }] }],
    ['on a volume that is not there', { ...spec, volumes: [] }],
    ['beside a container of its name', { ...spec, containers: [app, { name: 'sync-sidecar' }] }],
    ['whose state another container mounts, but no files', { ...spec, containers: [stateOf(app)] }],
  ])('is not sound %s', (_case, unsound) => {
    expect(isSound({ spec: unsound }, sidecar)).toBe(false);
  });
});

function stateOf(container: Container): Container {
  return { ...container, volumeMounts: [{ name: 'sync-sidecar', mountPath: '/state', subPath: 'state' }] };
}
