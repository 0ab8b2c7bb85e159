import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { memoryHierarchy } from './cgroups.ts';

export interface ContainerPlace {
  /** Path of the cgroup of all pods of its node. */
  cgroup: string;
  /** As a pod's status has it: containerd://ID. */
  containerID: string;
  /** Where this machine's /proc and /sys are. Default: /. */
  root?: string;
}

/** A process of a container. Its files, as it sees them, are below /proc/PID/root. */
export interface ContainerProcess {
  /** As this machine counts. */
  pid: number;
  /** As the container counts: 1 is the one with which it ends. */
  pidInside: number;
  commandLine: readonly string[];
}

/** The processes of a container that runs, by their pids outside of it, PID 1 first. */
export async function readContainerProcesses(
  place: ContainerPlace,
): Promise<[ContainerProcess, ...ContainerProcess[]]> {
  const folder = await findContainerCgroup(place);
  // https://man7.org/linux/man-pages/man7/pid_namespaces.7.html: pids are those of the reader's namespace.
  const pids = (await readFile(join(folder, 'cgroup.procs'), 'utf8')).split('\n').filter((line) => line !== '');
  // One that ends meanwhile has no files any more.
  const reading = pids.map((pid) => readProcess(Number(pid), place).catch(() => undefined));
  const processes = (await Promise.all(reading)).filter((process) => process !== undefined);
  const [first, ...others] = processes.sort((a, b) => a.pidInside - b.pidInside);
  if (!first) throw new Error(`${place.containerID} has no process: it has ended`);
  return [first, ...others];
}

async function readProcess(pid: number, { root = '/' }: ContainerPlace): Promise<ContainerProcess> {
  const folder = join(root, 'proc', String(pid));
  const status = await readFile(join(folder, 'status'), 'utf8');
  const inEachNamespace = /^NSpid:\s+(.+)$/m.exec(status)?.[1]?.split(/\s+/) ?? [];
  const commandLine = (await readFile(join(folder, 'cmdline'), 'utf8')).split('\0').slice(0, -1);
  return { pid, pidInside: Number(inEachNamespace.at(-1)), commandLine };
}

/** What the kernel counts for a container, in bytes. */
export interface ContainerMemory {
  /** All of it, with the cache of files, and with what it has put into volumes in memory. */
  usage: number;
  /** What the kubelet looks at, and `kubectl top` shows: without the cache that the kernel could drop at once. */
  workingSet: number;
}

/** https://github.com/google/cadvisor/blob/v0.56.2/container/libcontainer/handler.go (setMemoryStats) */
export async function readContainerMemory(place: ContainerPlace): Promise<ContainerMemory> {
  const folder = await findContainerCgroup(place);
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
  const usage = Number(await read('memory.current').catch(() => read('memory.usage_in_bytes')));
  const statistics = await read('memory.stat');
  // v1 counts the cgroups below with a name of its own, and has the other one too.
  const inactive = (/^total_inactive_file (\d+)$/m.exec(statistics) ?? /^inactive_file (\d+)$/m.exec(statistics))?.[1];
  if (inactive === undefined) throw new Error(`${join(folder, 'memory.stat')} has no inactive_file`);
  return { usage, workingSet: Math.max(0, usage - Number(inactive)) };
}

/** The folder of a container's cgroup where memory is counted: the kubelet calls it by its id, below the pod and its quality of service. */
export async function findContainerCgroup({ cgroup, containerID, root = '/' }: ContainerPlace): Promise<string> {
  const top = join(memoryHierarchy(root), cgroup);
  const id = containerID.replace(/^.*\/\//, '');
  const found = await findFolder(top, id);
  if (found === undefined)
    throw new Error(`there is no container ${id} below ${top}: it has ended, or is of another node`);
  return found;
}

async function findFolder(folder: string, name: string): Promise<string | undefined> {
  // Those of other pods may go at any time.
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory());
  if (folders.some((entry) => entry.name === name)) return join(folder, name);
  const deeper = await Promise.all(folders.map((entry) => findFolder(join(folder, entry.name), name)));
  return deeper.find((found) => found !== undefined);
}
