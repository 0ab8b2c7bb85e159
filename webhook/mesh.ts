import type { Container, Pod } from './pod.ts';

interface Mesh {
  /** The container without which a pod of the mesh has no network. */
  readonly proxy: string;
  /** The init container that turns the pod's traffic to the proxy. Where there is none, the mesh's CNI plugin has done it already. */
  readonly redirect: string;
  /** How the proxy becomes a native sidecar. */
  readonly wayOut: string;
}

// https://istio.io/latest/docs/setup/additional-setup/cni/#compatibility-with-application-init-containers
// https://linkerd.io/2/features/cni/
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
 * Why a sidecar that runs as `user` has no network, or null: a CNI plugin redirects the traffic before the first container starts, to
 * a proxy that starts after the last init container. Where an init container redirects, those before it have the network as it was.
 */
export function meshFault(pod: Pod, user?: number): string | null {
  const { containers = [], initContainers = [] } = pod.spec ?? {};
  for (const mesh of meshes) {
    const proxy = containers.find(({ name }) => name === mesh.proxy);
    const isRedirectedLater = initContainers.some(({ name }) => name === mesh.redirect);
    if (proxy && !isRedirectedLater && intercepts(pod, proxy, user)) return deadlock(mesh, proxy);
  }
  return null;
}

/** Whether what `user` sends is turned to the proxy. What the proxy's own user sends never is, or it would come back for ever. */
function intercepts(pod: Pod, proxy: Container, user: number | undefined): boolean {
  if (user !== undefined && user === proxy.securityContext?.runAsUser) return false;
  return !isGateway(proxy) && interceptionMode(pod, proxy) !== 'NONE';
}

/** To Istio's gateways and waypoints traffic comes by itself. */
function isGateway({ args: [command, role] = [] }: Container): boolean {
  return command === 'proxy' && (role === 'router' || role === 'waypoint');
}

/** https://istio.io/latest/docs/reference/config/annotations/#SidecarInterceptionMode; without the annotation it is the mesh's. */
function interceptionMode({ metadata }: Pod, { env = [] }: Container): string | undefined {
  const ofMesh = env.find(({ name }) => name === 'ISTIO_META_INTERCEPTION_MODE')?.value;
  return metadata?.annotations?.['sidecar.istio.io/interceptionMode'] ?? ofMesh;
}

function deadlock({ proxy, redirect, wayOut }: Mesh, { securityContext }: Container): string {
  const fault = `the sidecar would start before ${proxy}, and without it have no network: a CNI plugin redirects the pod's traffic, as there is no ${redirect}`;
  const user = securityContext?.runAsUser;
  const asProxy = `, or let the sidecar run as the user of the proxy: sync-sidecar.io/run-as-user: "${user}"`;
  return `${fault}; let the mesh run its proxy as a native sidecar: ${wayOut}${user === undefined ? '' : asProxy}`;
}
