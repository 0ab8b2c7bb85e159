import type { Pod } from './pod.ts';

interface Mesh {
  /** The container without which a pod of the mesh has no network. */
  readonly proxy: string;
  /** The init container that turns the pod's traffic to the proxy. Where there is none, the mesh's CNI plugin has done it already. */
  readonly redirect: string;
  /** How the proxy becomes a native sidecar. */
  readonly wayOut: string;
}

// https://istio.io/latest/docs/setup/additional-setup/cni/, https://linkerd.io/2/features/cni/
const meshes: readonly Mesh[] = [
  {
    proxy: 'istio-proxy',
    redirect: 'istio-init',
    wayOut: 'the annotation sidecar.istio.io/nativeSidecar: "true", or ENABLE_NATIVE_SIDECARS of istiod',
  },
  {
    proxy: 'linkerd-proxy',
    redirect: 'linkerd-init',
    wayOut: 'the annotation config.linkerd.io/proxy-enable-native-sidecar: "true"',
  },
];

/** How many init containers of a pod have to start before anything has a network: up to the proxy that is a native sidecar. */
export function startsBeforeNetwork({ spec }: Pod): number {
  const isProxy = (name: string): boolean => meshes.some(({ proxy }) => proxy === name);
  const init = spec?.initContainers ?? [];
  return init.findLastIndex(({ name, restartPolicy }) => isProxy(name) && restartPolicy === 'Always') + 1;
}

/**
 * Why no init container of a pod has a network, or null: a CNI plugin redirects the traffic before the first container starts, to a
 * proxy that starts after the last init container. Where an init container redirects, those before it have the network as it was.
 */
export function meshFault({ spec }: Pod): string | null {
  const has = (list: readonly { name: string }[] = [], wanted: string): boolean =>
    list.some(({ name }) => name === wanted);
  const mesh = meshes.find(
    ({ proxy, redirect }) => has(spec?.containers, proxy) && !has(spec?.initContainers, redirect),
  );
  if (!mesh) return null;
  const fault = `the sidecar would start before ${mesh.proxy}, and without it have no network: a CNI plugin redirects the pod's traffic, as there is no ${mesh.redirect}`;
  return `${fault}; let the mesh run its proxy as a native sidecar: ${mesh.wayOut}`;
}
