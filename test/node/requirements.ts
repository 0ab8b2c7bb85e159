import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PlainError } from '../../scripts/plain-error.ts';
import { findInPath } from '../control-plane/executable.ts';
import { findCgroupProblems } from './cgroup-requirements.ts';
import { privileged } from './privileged.ts';
import { tryNamespaces } from './try-namespaces.ts';

export interface NodeHost {
  platform: NodeJS.Platform;
  /** The user that this runs as; undefined where users have no number. */
  uid: number | undefined;
  /** In whose PATH the node's commands are looked for. */
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  /** Where the node's folder will be; the system's folder for temporary ones unless told. */
  temporary?: string;
  /** Where its /proc, /sys and /dev are. Default: /. */
  root?: string;
}

/** What is missing here for a node, each with what to do about it; nothing when one can run. */
export async function nodeRequirements(host: NodeHost): Promise<string[]> {
  host.signal.throwIfAborted();
  const first = await findBasicProblems(host);
  // Where one of these is missing, the others can't be told.
  if (first.length > 0) return first;
  const { root = '/' } = host;
  const problems = await Promise.all([findKernelLogProblem(root), findCgroupProblems(root), tryNamespaces(host)]);
  return problems.flat();
}

/** Throws a PlainError that names all that is missing here for a node. */
export async function requireNode(host: NodeHost): Promise<void> {
  const problems = await nodeRequirements(host);
  if (problems.length > 0) throw new PlainError(explainRequirements(problems));
}

/** What a person reads when something is missing. */
export function explainRequirements(problems: readonly string[]): string {
  return ['A real Kubernetes node can not run here:', ...problems.map((problem) => `  - ${problem}`)].join('\n');
}

async function findBasicProblems(host: NodeHost): Promise<string[]> {
  const { platform } = host;
  if (platform !== 'linux') {
    return [
      `it is made of Linux's namespaces and cgroups, and this is ${platform}: use a Linux machine, a virtual one will do`,
    ];
  }
  return [...(await findUserProblem(host)), ...(await findMissingCommands(host)), ...findLongFolder(host)];
}

/** The path of a socket has at most 107 bytes (https://man7.org/linux/man-pages/man7/unix.7.html); this is the longest of a node's. */
const longestSocket = '/sync-sidecar-node-XXXXXX/kubelet/pod-resources/kubelet.sock';

function findLongFolder({ temporary = tmpdir() }: NodeHost): string[] {
  const room = 107 - longestSocket.length;
  if (Buffer.byteLength(temporary) <= room) return [];
  return [
    `its sockets' paths would be too long below ${temporary}: set TMPDIR to a folder whose path has at most ${room} bytes`,
  ];
}

async function findUserProblem({ uid, root = '/' }: NodeHost): Promise<string[]> {
  const problem = 'only root can make it, and this is';
  if (uid !== 0) return [`${problem} user ${uid}: repeat the command after \`sudo --preserve-env=PATH env\``];
  // https://man7.org/linux/man-pages/man7/user_namespaces.7.html: this is the map of those who are in none.
  const map = await readFile(join(root, 'proc/self/uid_map'), 'utf8');
  const isWholeMachine = /^\s*0\s+0\s+4294967295\s*$/.test(map);
  return isWholeMachine ? [] : [`${problem} root of a user namespace alone: leave that (rootless) container`];
}

const packages = { unshare: 'util-linux', nsenter: 'util-linux', mount: 'mount', ip: 'iproute2' };

async function findMissingCommands({ env }: NodeHost): Promise<string[]> {
  const missing: (keyof typeof packages)[] = [];
  for (const command of ['unshare', 'nsenter', 'mount', 'ip'] as const) {
    if ((await findInPath(command, env.PATH)) === undefined) missing.push(command);
  }
  if (missing.length === 0) return [];
  const names = [...new Set(missing.map((command) => packages[command]))].join(' ');
  return [`there is no ${missing.join(', ')} in PATH: on Debian and Ubuntu \`apt-get install ${names}\` brings it`];
}

/** In which the kubelet looks for out-of-memory kills; without it, it doesn't start. */
async function findKernelLogProblem(root: string): Promise<string[]> {
  const path = join(root, 'dev/kmsg');
  const problem = `the kernel's log ${path} can't be read: ${privileged}`;
  return access(path, constants.R_OK).then(
    () => [],
    () => [problem],
  );
}
