import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { memoryHierarchy } from '../node/cgroups.ts';

/** What shows of a node on this machine. */
export interface NodeTraces {
  /** Command lines of the processes in its namespaces and its cgroup, and of those outside that name its folder. */
  processes: string[];
  folder: boolean;
  cgroups: string[];
}

/** Notes what a node is made of, while it lives; the answer tells what of it is there when it is called. */
export function watchNode(folder: string): () => NodeTraces {
  const name = `sync-sidecar-pods-${folder.slice(-6)}`;
  const members = new Set(processesBelow(join(memoryHierarchy(), name)));
  const namespaces = new Set([...members].flatMap(namespacesOf));
  const isOfNode = (pid: string): boolean =>
    members.has(pid) || namespacesOf(pid).some((namespace) => namespaces.has(namespace));
  const before = processes().filter((pid) => isOfNode(pid) || commandLine(pid).includes(folder));
  const noted = before.map((pid) => ({ pid, startedAt: startTime(pid), command: commandLine(pid) }));
  return () => ({
    // The kernel gives numbers anew at once, those of namespaces too: only the time tells that it is the same process.
    processes: noted.filter(({ pid, startedAt }) => startTime(pid) === startedAt).map(({ command }) => command),
    folder: existsSync(folder),
    cgroups: cgroupsCalled(name),
  });
}

function processesBelow(folder: string): string[] {
  const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const own = readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean);
  return [...own, ...below.flatMap(({ name }) => processesBelow(join(folder, name)))];
}

/** Such as net:[4026531840]; none for a process that has ended. */
function namespacesOf(pid: string): string[] {
  return ['pid', 'net', 'mnt'].map((kind) => unlessGone(() => readlinkSync(`/proc/${pid}/ns/${kind}`))).filter(Boolean);
}

function processes(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
}

function commandLine(pid: string): string {
  return unlessGone(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
    .replaceAll('\0', ' ')
    .trim();
}

/** In ticks since the machine's start; undefined for a process that has ended, also if its parent has not asked yet how. */
function startTime(pid: string): string | undefined {
  // https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html; the command before it may hold spaces and parentheses.
  const [state, ...fields] = unlessGone(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
    .replace(/^.*\) /s, '')
    .split(' ');
  return state === 'Z' ? undefined : fields[18];
}

function unlessGone(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

/** cgroup v2 has the folder at the mount point, v1 in each hierarchy. */
function cgroupsCalled(name: string): string[] {
  const mountPoint = '/sys/fs/cgroup';
  const places = [mountPoint, ...readdirSync(mountPoint).map((hierarchy) => `${mountPoint}/${hierarchy}`)];
  return places.map((place) => `${place}/${name}`).filter((path) => existsSync(path));
}
