import type { Binaries } from './programs.ts';
import { openCluster, type Cluster, type Connection } from './cluster.ts';
import { etcdSocket, type Layout } from './component-args.ts';
import { createCredentials, type Credentials } from './credentials.ts';
import { compactEtcd } from './etcd-compaction.ts';
import { findFreePort } from './free-port.ts';
import type { KeyPairPem } from '../../webhook/tls/certificate.ts';
import { Processes } from './processes.ts';
import type { OnProgress } from './progress.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

export interface ControlPlaneOptions {
  binaries: Binaries;
  /** An abort ends the start: all is stopped and the signal's reason thrown. To stop what has started, call `stop`. */
  signal: AbortSignal;
  onProgress?: OnProgress;
  /** Path of a network namespace with `lo` up, such as /proc/PID/ns/net, in which all of it runs. Needs root. */
  networkNamespace?: string;
  /** Default: a free port; 6443 in a network namespace of its own. */
  securePort?: number;
  /** Where the API server listens: 127.0.0.1, or 0.0.0.0 for others than this machine. */
  bindAddress?: '127.0.0.1' | '0.0.0.0';
  /** The node's address, by which others than this machine reach the API server. Default: none do. */
  advertiseAddress?: string;
  now?: () => number;
  random?: () => number;
}

/** etcd, kube-apiserver and kube-controller-manager of one's own, and the ways to use and to disturb them. */
export interface ControlPlane extends Cluster {
  /** Logs, keys and data; removed by `stop`. */
  directory: string;
  /** Signs client and serving certificates that the API server trusts: who joins gets its own from it. */
  certificateAuthority: KeyPairPem;
  /** Ends the API server as an administrator would: SIGTERM, watches get a second. */
  stopApiServer(): Promise<void>;
  /** Starts it again at the same address; resolves when it is ready. */
  startApiServer(): Promise<void>;
  restartApiServer(): Promise<void>;
  /** etcd forgets all old revisions. A running API server still serves watches from its own cache. */
  compactEtcd(): Promise<void>;
  /** Restarts the API server on a compacted etcd: each watch from a resourceVersion seen until now gets 410 Expired. */
  expireResourceVersions(): Promise<void>;
  /** Kills all of it, for nothing of it is kept, and removes the directory. May be called again. */
  stop(): Promise<void>;
}

const loopback = '127.0.0.1';

/** The first address of the range is that of the Service `kubernetes`. */
const serviceClusterIpRange = '10.96.0.0/24';
export const kubernetesServiceAddress = '10.96.0.1';

/** Starts a control plane and waits until it works: the API server is ready, the controller manager has done something. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { binaries, signal, networkNamespace, onProgress } = options;
  signal.throwIfAborted();
  const folder = await createTemporaryFolder('sync-sidecar-');
  const started: Processes[] = [];
  const stop = async () => {
    await Promise.all(started.map((processes) => processes.kill()));
    await folder.remove();
  };
  try {
    const layout = await layoutOf(folder.path, options);
    const credentials = await credentialsFor(layout, options);
    const cluster = openCluster(connectionTo(layout, credentials, options));
    const processes = new Processes({ binaries, layout, files: credentials.files, networkNamespace, cluster });
    started.push(processes);
    await processes.start(signal, onProgress);
    return { ...cluster, ...disturbances(processes, layout), ...identity(layout, credentials), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function layoutOf(directory: string, options: ControlPlaneOptions): Promise<Layout> {
  const { bindAddress = loopback, advertiseAddress, networkNamespace, random = Math.random } = options;
  const choosePort = () => (networkNamespace === undefined ? findFreePort(bindAddress, random) : 6443);
  const securePort = options.securePort ?? (await choosePort());
  return { directory, bindAddress, securePort, advertiseAddress, serviceClusterIpRange };
}

async function credentialsFor(layout: Layout, { now = Date.now }: ControlPlaneOptions): Promise<Credentials> {
  const { directory, advertiseAddress } = layout;
  const ipAddresses = [kubernetesServiceAddress, ...(advertiseAddress === undefined ? [] : [advertiseAddress])];
  return createCredentials({ directory: `${directory}/pki`, server: serverOf(layout), ipAddresses, now: now() });
}

/** By loopback, where the API server also listens if it listens everywhere. */
function serverOf({ securePort }: Layout): string {
  return `https://${loopback}:${securePort}`;
}

function connectionTo(layout: Layout, { ca, admin, files }: Credentials, options: ControlPlaneOptions): Connection {
  return {
    server: serverOf(layout),
    ca: ca.certificate,
    caFile: files.ca,
    clientCertificate: admin.certificate,
    clientKey: admin.privateKey,
    kubeconfig: files.adminKubeconfig,
    kubectlPath: options.binaries.kubectl,
    home: layout.directory,
    ...(options.networkNamespace !== undefined && { networkNamespace: options.networkNamespace }),
  };
}

type Disturbances = Pick<
  ControlPlane,
  'stopApiServer' | 'startApiServer' | 'restartApiServer' | 'compactEtcd' | 'expireResourceVersions'
>;

function disturbances(processes: Processes, layout: Layout): Disturbances {
  const never = new AbortController().signal;
  const stopApiServer = () => processes.stopApiServer();
  const startApiServer = () => processes.startApiServer(never);
  const compact = () => compactEtcd(etcdSocket(layout));
  return {
    stopApiServer,
    startApiServer,
    restartApiServer: async () => {
      await stopApiServer();
      await startApiServer();
    },
    compactEtcd: compact,
    expireResourceVersions: async () => {
      await stopApiServer();
      await compact();
      await startApiServer();
    },
  };
}

function identity(
  { directory }: Layout,
  { ca }: Credentials,
): Pick<ControlPlane, 'directory' | 'certificateAuthority'> {
  return { directory, certificateAuthority: ca };
}
