import { describe, expect, it } from '@jest/globals';
import { chooseHealthPort } from './health-port.ts';
import type { Container, Pod, PodSpec } from './pod.ts';

type Port = NonNullable<Container['ports']>[number] & { readonly hostPort?: number };

function pod(ports: readonly Port[], spec: PodSpec = {}): Pod {
  return { spec: { containers: [{ name: 'app', ports }], ...spec } };
}

describe('the health port', () => {
  it('is 18080 where nobody has it', () => {
    expect(chooseHealthPort({ spec: { containers: [{ name: 'app' }] } }, undefined)).toEqual({ port: 18080 });
    expect(chooseHealthPort(pod([{ containerPort: 80 }]), undefined)).toEqual({ port: 18080 });
  });

  it('is the next one that no container declares, init containers included', () => {
    const initContainers = [{ name: 'init', ports: [{ containerPort: 18081 }] }];

    expect(
      chooseHealthPort(pod([{ containerPort: 18080 }, { containerPort: 18082 }], { initContainers }), undefined),
    ).toEqual({ port: 18083 });
  });

  it('may have the number of a port of another protocol', () => {
    const ports = [{ containerPort: 18080, protocol: 'UDP' }];

    expect(chooseHealthPort(pod(ports), undefined)).toEqual({ port: 18080 });
    expect(chooseHealthPort(pod(ports), 18080)).toEqual({ port: 18080 });
  });

  it('may have the number of a host port, which is the node’s', () => {
    expect(chooseHealthPort(pod([{ containerPort: 80, hostPort: 18080 }]), undefined)).toEqual({ port: 18080 });
  });

  it('is the one that the pod asks for', () => {
    expect(chooseHealthPort(pod([{ containerPort: 80 }]), 9000)).toEqual({ port: 9000 });
  });

  it.each([{ containerPort: 9000 }, { containerPort: 9000, protocol: 'TCP', name: 'metrics' }])(
    'is refused where a container declares it: %j',
    (port) => {
      expect(chooseHealthPort(pod([port]), 9000)).toEqual({ fault: 'port 9000 is declared by the container app' });
    },
  );

  it('must be asked for on the network of the node', () => {
    const fault = 'a pod with hostNetwork needs sync-sidecar.io/health-port: a port that is free on its nodes';

    expect(chooseHealthPort(pod([], { hostNetwork: true }), undefined)).toEqual({ fault });
    expect(chooseHealthPort(pod([], { hostNetwork: true }), 9000)).toEqual({ port: 9000 });
    expect(chooseHealthPort(pod([], { hostNetwork: false }), undefined)).toEqual({ port: 18080 });
  });
});
