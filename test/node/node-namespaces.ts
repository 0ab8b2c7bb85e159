import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  bareEnvironment,
  startProcess,
  type LeashedProcess,
  type Namespaces,
} from '../control-plane/leashed-process.ts';

export interface NodeNamespacesOptions {
  /** The node's own folder. */
  folder: string;
  /** Address of the node and its pods' gateway, with the length of its prefix: 10.88.0.1/24. */
  address: string;
  /** Address of the Service `kubernetes`. */
  serviceAddress: string;
  bridge: string;
  /** Folders that the node's programs need besides. */
  visible: readonly string[];
  signal: AbortSignal;
}

/** A machine within the machine: namespaces of its own, held by a process that is their PID 1. */
export interface NodeNamespaces extends Required<Namespaces> {
  /** Of PID 1, as this machine counts. */
  initPid: number;
  /** Ends everything that runs in the namespaces, and with it they go. */
  end(): Promise<void>;
}

/** Makes the namespaces of a node, which end with this program, also when it is killed. Throws with the system's own words. */
export async function makeNodeNamespaces(options: NodeNamespacesOptions): Promise<NodeNamespaces> {
  const { folder, address, serviceAddress, bridge, visible, signal } = options;
  const up = Promise.withResolvers<void>();
  const said: string[] = [];
  const holder = await startProcess({
    command: 'unshare',
    args: [
      ...['--mount', '--pid', '--net', '--fork', '--kill-child=SIGKILL', '--mount-proc'],
      ...['/bin/sh', initScript, folder, address, serviceAddress, bridge, ...visible],
    ],
    env: bareEnvironment(folder),
    onLine: (line) => (line === 'up' ? up.resolve() : said.push(line)),
    signal,
  });
  void holder.exited.then(() => up.reject(new Error(`the node's namespaces could not be made: ${said.join('; ')}`)));
  await up.promise.catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
  const initPid = await onlyChildOf(holder);
  const namespace = (kind: string): string => `/proc/${initPid}/ns/${kind}`;
  return {
    initPid,
    network: namespace('net'),
    mount: namespace('mnt'),
    pid: namespace('pid'),
    end: async () => void (await holder.kill()),
  };
}

const initScript = fileURLToPath(new URL('node-init.sh', import.meta.url));

/** `unshare --fork` has one: the first process of the new pid namespace. */
async function onlyChildOf({ pid }: LeashedProcess): Promise<number> {
  return Number(await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8'));
}
