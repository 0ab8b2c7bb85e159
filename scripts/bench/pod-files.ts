import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../../test/control-plane/cluster.ts';
import {
  bareEnvironment,
  startProcess,
  type Command,
  type LeashedProcess,
} from '../../test/control-plane/leashed-process.ts';
import { eventually } from '../../test/eventually.ts';

/** Lets programs find the files of a ServiceAccount where a pod has them. */
export interface PodFiles extends AsyncDisposable {
  /** The same command, in a mount namespace that has the files. Its pid is the command's own. */
  inPod(command: Pick<Command, 'command' | 'args'>): Pick<Command, 'command' | 'args'>;
}

export interface PodFilesOptions {
  readonly cluster: Cluster;
  readonly account: { readonly namespace: string; readonly name: string };
  /** For the files; the caller removes it. */
  readonly folder: string;
  /** Whether this is root, who needs no user namespace for a mount. */
  readonly root: boolean;
}

const directory = '/var/run/secrets/kubernetes.io/serviceaccount';
// A folder of this name can't be made on every machine, so that /var/run is covered: nothing in it is needed.
const cover = `mount -t tmpfs tmpfs /var/run && mkdir -p ${directory} && mount --bind "$1" ${directory}`;

/** Writes the files and keeps a mount namespace that has them; Linux only. */
export async function preparePodFiles({ cluster, account, folder, root }: PodFilesOptions): Promise<PodFiles> {
  const source = join(folder, 'serviceaccount');
  await mkdir(source);
  // The longest run takes half an hour; the API server gives tokens for any time from ten minutes on.
  const token = await cluster.serviceAccountToken(account.namespace, account.name, { expirationSeconds: 3 * 3600 });
  const files = { token, 'ca.crt': cluster.ca, namespace: account.namespace };
  for (const [name, content] of Object.entries(files)) await writeFile(join(source, name), content, { mode: 0o600 });
  const namespace = await holdMountNamespace(source, { folder, root });
  const enter = [
    `--mount=/proc/${namespace.pid}/ns/mnt`,
    ...(root ? [] : [`--user=/proc/${namespace.pid}/ns/user`, '--preserve-credentials']),
    '--',
  ];
  return {
    inPod: ({ command, args }) => ({ command: 'nsenter', args: [...enter, command, ...args] }),
    [Symbol.asyncDispose]: async () => void (await namespace.kill()),
  };
}

/** A process that does nothing but keep the namespace. */
async function holdMountNamespace(
  source: string,
  { folder, root }: Pick<PodFilesOptions, 'folder' | 'root'>,
): Promise<LeashedProcess> {
  const lines: string[] = [];
  const asRoot = root ? [] : ['--map-root-user'];
  const holder = await startProcess({
    command: 'unshare',
    args: [...asRoot, '--mount', '/bin/sh', '-c', `${cover} && echo ready && exec sleep infinity`, 'sh', source],
    env: bareEnvironment(folder),
    onLine: (line) => lines.push(line),
  });
  const ended = holder.exited.then(() => {
    throw new Error(`a mount namespace is needed (Linux; root, or user namespaces): ${lines.join('; ')}`);
  });
  // Longer than any machine needs for two mounts.
  await Promise.race([eventually(() => lines.includes('ready'), { timeoutMs: 10_000 }), ended]);
  return holder;
}
