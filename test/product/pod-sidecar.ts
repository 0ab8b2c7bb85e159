import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../control-plane/cluster.ts';
import { findFreePort } from '../control-plane/free-port.ts';
import { startProgram, whileRunning } from './program.ts';
import { projectFiles } from './projected-volume.ts';
import { healthOf, untilReady, type RunningSidecar } from './sidecar-program.ts';
import { reader } from './test-objects.ts';

/** Why no process can be run as in a pod here, or false. */
export const noPods: string | false = reasonForNoPods();

/** A sidecar as a process that finds what a container of a pod finds: no kubeconfig, but the files of its ServiceAccount. */
export interface PodSidecar {
  readonly namespace: string;
  /** FOLDER, unless `env` says something else. */
  readonly files: string;
  /** The folder of the ServiceAccount's token, CA and namespace. */
  readonly account: string;
  /** The environment of a manual manifest, without HEALTH_PORT. */
  readonly env: Readonly<Record<string, string>>;
  /** A command that puts what follows it into such surroundings; see pod.sh. Node is at /var/run/node there. */
  readonly wrap: (how?: WrapOptions) => string[];
  /** What `kubectl describe pod` would show of an ended container. */
  terminationMessage(): string;
  /** Puts a token where, and in the way in which, the kubelet would put it; without one the file goes. */
  putToken(token?: string): void;
  /** Runs it; resolves once `/readyz` has answered 200, unless told otherwise. */
  start(env?: Readonly<Record<string, string>>, how?: StartOptions): Promise<RunningSidecar>;
}

export interface WrapOptions {
  /** Of a file system of its own for FOLDER; see `insideOf`. */
  readonly volumeSize?: string;
  /** What container.sh takes before the command, for a root of its own. */
  readonly root?: readonly string[];
}

export interface StartOptions {
  /** Resolve at once. */
  readonly wait?: false;
  /** Of a file system of its own for FOLDER, as `mount -o size=` takes it; see `insideOf`. */
  readonly volumeSize?: string;
  /** User and group; default: this process's own. */
  readonly uid?: number;
  /** On its command line. */
  readonly flags?: readonly string[];
  /** Run it as PID 1: the process that is told of is its parent. */
  readonly pidNamespace?: true;
  /** As `readOnlyRootFilesystem` does; FOLDER needs a file system of its own then. */
  readonly readOnlyRoot?: true;
}

export interface PodSidecarOptions {
  /** Made anew unless given. */
  readonly namespace?: string;
  /** For all files; the caller removes it. */
  readonly folder: string;
  /** The port of the API server on the loopback address, or of a proxy in front of it. */
  readonly port?: number;
  /** The ServiceAccount `reader` and what it may read. */
  readonly access?: readonly object[];
  /** One that is there already, in place of `reader`. */
  readonly serviceAccount?: string;
}

export async function preparePodSidecar(cluster: Cluster, options: PodSidecarOptions): Promise<PodSidecar> {
  const { namespace = await cluster.createNamespace('pod'), folder, access = reader(), serviceAccount } = options;
  if (serviceAccount === undefined) await cluster.apply(access, namespace);
  const [account, files, log] = ['account', 'files', 'termination-log'].map((name) =>
    join(folder, namespace, name),
  ) as [string, string, string];
  for (const path of [account, files]) mkdirSync(path, { recursive: true });
  chmodSync(folder, 0o755);
  writeFileSync(log, '', { mode: 0o666 });
  chmodSync(log, 0o666);
  const putToken = (token?: string): void =>
    projectFiles(account, { 'ca.crt': cluster.ca, namespace, ...(token !== undefined && { token }) });
  putToken(await cluster.serviceAccountToken(namespace, serviceAccount ?? 'reader'));
  const env = {
    KUBERNETES_SERVICE_HOST: '127.0.0.1',
    KUBERNETES_SERVICE_PORT: String(options.port ?? new URL(cluster.server).port),
    FOLDER: files,
    LABEL: 'dashboard',
  };
  const wrap = ({ volumeSize = '0', root }: WrapOptions = {}): string[] => {
    const surroundings = ['sh', podScript, process.execPath, account, log, files, volumeSize];
    return ['unshare', '--mount', ...(root ? inRoot(root) : []), ...surroundings];
  };
  const pod: PodSidecar = {
    namespace,
    files,
    account,
    putToken,
    env,
    wrap,
    terminationMessage: () => readFileSync(log, 'utf8'),
    start: (more = {}, how = {}) => start(pod, { env: { ...env, ...more }, home: folder }, how),
  };
  return pod;
}

const [podScript, containerScript] = ['pod.sh', 'container.sh'].map((name) => join(import.meta.dirname, name)) as [
  string,
  string,
];

/** What pod.sh is run by where the root is another: itself and Node have to be found there. */
function inRoot(root: readonly string[]): string[] {
  return ['sh', containerScript, ...root, ...[podScript, process.execPath].map((path) => `${path}=${path}`), '--'];
}

/** A path as the process sees it: what it alone has mounted is seen from outside too. */
export function insideOf({ pid }: { readonly pid: number }, path: string): string {
  return `/proc/${pid}/root${path}`;
}

/** Makes a folder read-only for a process, or what it was before. */
export function setReadOnly({ pid }: { readonly pid: number }, path: string, readOnly: boolean): void {
  // Over the folder, not in its place: a file system in which a file is open for writing can't be made read-only.
  const script = readOnly ? 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"' : 'umount "$0"';
  execFileSync('nsenter', [`--mount=/proc/${pid}/ns/mnt`, 'sh', '-c', script, path]);
}

async function start(
  { files, wrap }: PodSidecar,
  { env, home }: { readonly env: Readonly<Record<string, string>>; readonly home: string },
  { wait, volumeSize, flags = [], ...how }: StartOptions,
): Promise<RunningSidecar> {
  const HEALTH_PORT = env.HEALTH_PORT ?? String(await findFreePort('127.0.0.1', Math.random));
  if (how.uid !== undefined) chownSync(files, how.uid, how.uid);
  const program = await startProgram({
    name: 'sidecar',
    env: { ...env, HEALTH_PORT },
    home,
    // Node's own path may lead through folders that the user may not enter.
    node: '/var/run/node',
    flags,
    wrap: [...wrap(volumeSize === undefined ? {} : { volumeSize }), ...restrictions(how)],
  });
  const health = healthOf(Number(HEALTH_PORT));
  if (wait !== false) await whileRunning(program, untilReady(health));
  return { ...program, health };
}

/** What follows `wrap` for a process that may do less. */
export function restrictions({ uid, readOnlyRoot, pidNamespace }: StartOptions): string[] {
  return [
    ...(readOnlyRoot ? ['sh', '-c', 'mount -o bind,remount,ro / && exec "$@"', 'sh'] : []),
    ...(pidNamespace ? ['unshare', '--pid', '--fork', '--kill-child'] : []),
    ...(uid === undefined ? [] : asUser(uid)),
  ];
}

/** As a restricted container: no capability, and none to be had. */
function asUser(uid: number): string[] {
  return ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--no-new-privs', '--bounding-set=-all'];
}

function reasonForNoPods(): string | false {
  if (process.platform !== 'linux') return 'mount namespaces are of Linux';
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'no mount namespace can be made: not root';
  }
}
