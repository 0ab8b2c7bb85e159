import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openCluster, type Cluster, type Connection } from '../control-plane/cluster.ts';
import { untilReady } from '../control-plane/component.ts';
import { kubernetesServiceAddress, startControlPlane, type ControlPlane } from '../control-plane/control-plane.ts';
import { kubeconfigOf } from '../control-plane/credentials.ts';
import type { Namespaces } from '../control-plane/leashed-process.ts';
import type { Binaries } from '../control-plane/programs.ts';
import type { OnProgress } from '../control-plane/progress.ts';
import { createTemporaryFolder } from '../control-plane/temporary-folder.ts';
import { makeNodeCgroup, type NodeCgroup } from './cgroups.ts';
import {
  containerClient,
  startContainerRuntime,
  type ContainerClient,
  type ContainerRuntime,
} from './container-runtime.ts';
import { joinCluster } from './kubelet.ts';
import { makeNodeNamespaces, type NodeNamespaces } from './node-namespaces.ts';
import type { NodePrograms } from './node-programs.ts';
import { readReadyCondition } from './ready-condition.ts';
import { startRelay } from './relay.ts';

export interface NodeOptions {
  binaries: Binaries;
  programs: NodePrograms;
  /** Archives of the images that pods may use; nothing is pulled. */
  images: readonly string[];
  /** Name of that one of them which is every pod's sandbox. */
  sandboxImage: string;
  /** An abort ends the start: all is stopped and the signal's reason thrown. */
  signal: AbortSignal;
  onProgress?: OnProgress;
  now?: () => number;
}

/** Plain facts with which any process of this machine can use a node, from outside of its namespaces. */
export interface NodeConnection extends Connection {
  /** By which pods reach what listens in the node's network namespace, and the API server calls it. */
  address: string;
  programs: NodePrograms;
  namespaces: Required<Namespaces>;
  /** Path of the cgroup of all pods. */
  cgroup: string;
  /** Logs, configuration, images and the pods' volumes; goes with the node. */
  folder: string;
}

/** The ways to use a cluster of one node, on which pods really run. */
export interface NodeCluster extends NodeConnection, Cluster {
  ctr: ContainerClient;
}

/** A node that this program has started. */
export interface ClusterNode extends NodeCluster {
  /** As it is within the node's network namespace. */
  controlPlane: ControlPlane;
  /** Kills the kubelet, which leaves the containers alone, and starts it again; resolves when it has said that the node is Ready. */
  restartKubelet(): Promise<void>;
  /** Ends all of it; nothing is left. May be called again. */
  stop(): Promise<void>;
}

/** Opens a node that another program has started. */
export function openNode(connection: NodeConnection): NodeCluster {
  return { ...connection, ...openCluster(connection), ctr: containerClient(connection) };
}

export const nodeName = 'node';
const network = { bridge: 'sync0', address: '10.88.0.1', podSubnet: '10.88.0.0/24' };
/** At which a pod finds the API server, as the Service `kubernetes` says. */
const securePort = 443;

/** Starts control plane and node in namespaces of their own; resolves when the node is Ready. */
export async function startNode(options: NodeOptions): Promise<ClusterNode> {
  options.signal.throwIfAborted();
  const stack = new AsyncDisposableStack();
  const stopped = new AbortController();
  const stop = async (): Promise<void> => {
    stopped.abort();
    await stack.disposeAsync();
  };
  try {
    const signal = AbortSignal.any([options.signal, stopped.signal]);
    const machine = await makeMachine({ ...options, signal }, stack);
    const [controlPlane, runtime] = await startBoth(machine, stack);
    const restartKubelet = await joinNode(machine, controlPlane, runtime);
    const connection = await connectFromOutside(machine, controlPlane, stack);
    return { ...openNode(connection), controlPlane, restartKubelet, stop };
  } catch (error) {
    await stop();
    options.signal.throwIfAborted();
    throw error;
  }
}

/** A folder, namespaces and a cgroup: what a node is made of. */
interface Machine extends NodeOptions {
  folder: string;
  namespaces: NodeNamespaces;
  cgroup: NodeCgroup;
}

async function makeMachine(options: NodeOptions, stack: AsyncDisposableStack): Promise<Machine> {
  const { programs, images, signal } = options;
  const temporary = await createTemporaryFolder('sync-sidecar-node-');
  stack.defer(() => temporary.remove());
  const folder = temporary.path;
  const namespaces = await makeNodeNamespaces({
    folder,
    address: `${network.address}/${network.podSubnet.split('/')[1]}`,
    serviceAddress: kubernetesServiceAddress,
    bridge: network.bridge,
    visible: foldersOf([...(Object.values(programs) as string[]), ...images]),
    signal,
  });
  stack.defer(() => namespaces.end());
  // mkdtemp ends a name with six characters of its own.
  const cgroup = await makeNodeCgroup(folder.slice(-6), namespaces.initPid);
  stack.defer(async () => {
    // The processes of a cgroup before the cgroup.
    await namespaces.end();
    await cgroup.remove();
  });
  return { ...options, folder, namespaces, cgroup };
}

function foldersOf(paths: readonly string[]): string[] {
  return [...new Set(paths.map((path) => dirname(path)))];
}

/** The control plane, and a container runtime that has the images; neither needs the other. */
async function startBoth(machine: Machine, stack: AsyncDisposableStack): Promise<[ControlPlane, ContainerRuntime]> {
  const { binaries, namespaces, signal, onProgress } = machine;
  const starting = startControlPlane({
    binaries,
    signal,
    ...(onProgress && { onProgress }),
    networkNamespace: namespaces.network,
    bindAddress: '0.0.0.0',
    advertiseAddress: network.address,
    securePort,
  });
  // Also where the other one fails while it starts: `stop` has aborted the signal by then.
  stack.defer(async () => {
    const controlPlane = await starting.catch(() => undefined);
    await controlPlane?.stop();
  });
  return Promise.all([starting, startRuntimeWithImages(machine)]);
}

async function startRuntimeWithImages(machine: Machine): Promise<ContainerRuntime> {
  const runtime = await startContainerRuntime({ ...machine, network });
  for (const image of machine.images) await runtime.ctr('images', 'import', image);
  return runtime;
}

/** The same cluster by a port of this machine, for who is outside of the node's network namespace. */
async function connectFromOutside(
  { programs, folder, namespaces: { network: networkNamespace, mount, pid }, cgroup }: Machine,
  controlPlane: ControlPlane,
  stack: AsyncDisposableStack,
): Promise<NodeConnection> {
  const relay = await startRelay({ networkNamespace, port: securePort, folder });
  stack.defer(() => relay.close());
  const server = `https://127.0.0.1:${relay.port}`;
  const { ca, caFile, clientCertificate, clientKey, kubectlPath, home } = controlPlane;
  const kubeconfig = join(folder, 'outside.kubeconfig');
  const user = { certificate: clientCertificate, privateKey: clientKey };
  await writeFile(kubeconfig, kubeconfigOf(server, ca, user), { mode: 0o600 });
  return {
    ...{ server, ca, caFile, clientCertificate, clientKey, kubeconfig, kubectlPath, home },
    ...{ address: network.address, programs, folder, cgroup: cgroup.path },
    namespaces: { network: networkNamespace, mount, pid },
  };
}

/** Resolves when the node is Ready; answers what restarts its kubelet. */
async function joinNode(
  machine: Machine,
  controlPlane: ControlPlane,
  runtime: ContainerRuntime,
): Promise<ClusterNode['restartKubelet']> {
  const { programs, folder, namespaces, cgroup, signal, onProgress, now = Date.now } = machine;
  onProgress?.({ step: 'starting kubelet and kube-scheduler' });
  const { kubelet, scheduler } = await joinCluster({
    ...{ programs, controlPlane, folder, namespaces },
    ...{ cgroup: cgroup.path, name: nodeName, address: network.address, now: now() },
  });
  const untilNodeReady = (check: () => Promise<boolean>): Promise<void> =>
    untilReady(kubelet.component, { check, needs: [runtime.component, scheduler], signal });
  await untilNodeReady(async () => (await readReadyCondition(controlPlane, nodeName))?.status === 'True');
  return async () => {
    const before = await readReadyCondition(controlPlane, nodeName);
    await kubelet.restart();
    await untilNodeReady(async () => {
      const now = await readReadyCondition(controlPlane, nodeName);
      return now?.status === 'True' && now.lastHeartbeatTime !== before?.lastHeartbeatTime;
    });
  };
}
