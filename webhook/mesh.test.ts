import { describe, expect, it } from '@jest/globals';
import { meshFault, startsBeforeNetwork } from './mesh.ts';
import type { Container, Pod } from './pod.ts';

const native = { restartPolicy: 'Always' };

function fault(containers: Container[], initContainers?: Container[]): string | null {
  return meshFault({ spec: { containers, ...(initContainers && { initContainers }) } });
}

describe('a pod of a mesh whose proxy is an ordinary container', () => {
  const cni = [
    {
      mesh: 'Istio',
      proxy: 'istio-proxy',
      init: ['istio-validation'],
      message:
        "the sidecar would start before istio-proxy, and without it have no network: a CNI plugin redirects the pod's traffic, as there is no istio-init; " +
        'let the mesh run its proxy as a native sidecar: the annotation sidecar.istio.io/nativeSidecar: "true", or ENABLE_NATIVE_SIDECARS of istiod',
    },
    {
      mesh: 'Linkerd',
      proxy: 'linkerd-proxy',
      init: undefined,
      message:
        "the sidecar would start before linkerd-proxy, and without it have no network: a CNI plugin redirects the pod's traffic, as there is no linkerd-init; " +
        'let the mesh run its proxy as a native sidecar: the annotation config.linkerd.io/proxy-enable-native-sidecar: "true"',
    },
  ];

  it.each(cni)('gives init containers no network where a CNI plugin redirects: $mesh', ({ proxy, init, message }) => {
    const initContainers = init?.map((name) => ({ name }));

    expect(fault([{ name: 'app' }, { name: proxy }], initContainers)).toBe(message);
  });

  it.each([
    ['istio-proxy', 'istio-init'],
    ['linkerd-proxy', 'linkerd-init'],
  ])('gives them one where an init container redirects: %s, %s', (proxy, redirect) => {
    const spec = { containers: [{ name: proxy }, { name: 'app' }], initContainers: [{ name: redirect }] };

    expect([meshFault({ spec }), startsBeforeNetwork({ spec })]).toEqual([null, 0]);
  });

  const proxy = {
    name: 'istio-proxy',
    args: ['proxy', 'sidecar', '--domain', 'x'],
    securityContext: { runAsUser: 1337 },
  };
  const redirect = { name: 'ISTIO_META_INTERCEPTION_MODE', value: 'REDIRECT' };

  it.each<[string, Pod]>([
    ['of a gateway', { spec: { containers: [{ ...proxy, args: ['proxy', 'router'], env: [redirect] }] } }],
    ['of a waypoint', { spec: { containers: [{ ...proxy, args: ['proxy', 'waypoint'] }] } }],
    [
      'with the interception mode NONE of the mesh',
      { spec: { containers: [{ ...proxy, env: [{ name: redirect.name, value: 'NONE' }] }] } },
    ],
    [
      'with the interception mode NONE of the pod',
      {
        metadata: { annotations: { 'sidecar.istio.io/interceptionMode': 'NONE' } },
        spec: { containers: [{ name: 'app' }, { ...proxy, env: [redirect] }] },
      },
    ],
  ])('has a network as it was where its proxy is one %s', (_case, pod) => {
    expect(meshFault(pod)).toBeNull();
  });

  it('leaves alone what a sidecar sends that runs as the user of the proxy, and says so', () => {
    const pod = { spec: { containers: [{ ...proxy, env: [redirect] }] } };

    expect(meshFault(pod, 1337)).toBeNull();
    expect(meshFault(pod, 1000)).toBe(
      "the sidecar would start before istio-proxy, and without it have no network: a CNI plugin redirects the pod's traffic, as there is no istio-init; " +
        'let the mesh run its proxy as a native sidecar: the annotation sidecar.istio.io/nativeSidecar: "true", or ENABLE_NATIVE_SIDECARS of istiod, ' +
        'or let the sidecar run as the user of the proxy: sync-sidecar.io/run-as-user: "1337"',
    );
    expect(meshFault({ spec: { containers: [{ name: 'istio-proxy' }] } }, undefined)).not.toBeNull();
  });

  it('is judged by the init container of its own mesh', () => {
    expect(fault([{ name: 'linkerd-proxy' }], [{ name: 'istio-init' }])).toContain('linkerd-proxy');
  });
});

it('a proxy that is a native sidecar gives a network to the init containers behind it, CNI plugin or not', () => {
  const spec = {
    containers: [{ name: 'app' }],
    initContainers: [{ name: 'istio-validation' }, { name: 'istio-proxy', ...native }, { name: 'migrate' }],
  };

  expect([meshFault({ spec }), startsBeforeNetwork({ spec })]).toEqual([null, 2]);
});

it.each([{}, { spec: {} }, { spec: { containers: [{ name: 'app' }] } }])(
  'a pod of no mesh has a network: %j',
  (pod) => {
    expect([meshFault(pod), startsBeforeNetwork(pod)]).toEqual([null, 0]);
  },
);
