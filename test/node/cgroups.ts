import { existsSync } from 'node:fs';
import { mkdir, readdir, rmdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { handDownControllers } from './cgroup-controllers.ts';
import { codeOf, ifGone } from './gone.ts';

const mountPoint = '/sys/fs/cgroup';
const prefix = 'sync-sidecar-pods-';
const nameOfOne = new RegExp(`^${prefix}[A-Za-z0-9]{6}$`);

/** The cgroup of one node, by the same name in every hierarchy. */
export interface NodeCgroup {
  /** As the kubelet calls it: /NAME. */
  path: string;
  /** Removes it from every hierarchy; its processes must have ended or be about to. */
  remove(): Promise<void>;
}

/**
 * Makes the cgroup under which a kubelet is to put its pods, and puts the node's PID 1 below it: as long as that lives, the kernel
 * lets nobody remove the cgroup. `suffix`: six letters or digits that no other node has.
 */
export async function makeNodeCgroup(suffix: string, initPid: number): Promise<NodeCgroup> {
  const name = `${prefix}${suffix}`;
  if (isVersion2(mountPoint)) await handDownControllers(mountPoint);
  for (const hierarchy of await hierarchies()) await mkdir(join(hierarchy, name), { recursive: true });
  // A leaf of its own: in v2 a cgroup with processes can't give controllers to those below it, the pods.
  // https://docs.kernel.org/admin-guide/cgroup-v2.html#no-internal-process-constraint
  await mkdir(initCgroup(name));
  await writeFile(join(initCgroup(name), 'cgroup.procs'), String(initPid));
  return { path: `/${name}`, remove: () => removeWhenEmpty(name) };
}

/** Removes the cgroups of nodes that are no more; answers their names. `now`: milliseconds since the epoch. */
export async function removeStaleCgroups({ now }: { now: number }): Promise<string[]> {
  const removed: string[] = [];
  for (const name of await listNodeCgroups()) {
    if (!(await isNew(name, now)) && (await removeCgroup(name))) removed.push(name);
  }
  return removed;
}

/** The names of the cgroups of all nodes of this machine, and of those that are no more. */
export async function listNodeCgroups(): Promise<string[]> {
  const found = (await Promise.all((await hierarchies()).map((hierarchy) => readdir(hierarchy)))).flat();
  return [...new Set(found)].filter((name) => nameOfOne.test(name));
}

/** Where memory is counted. */
export function memoryHierarchy(root = '/'): string {
  const top = join(root, mountPoint);
  return isVersion2(top) ? top : join(top, 'memory');
}

/** In one hierarchy, for one is enough to tell that the node lives; in v1's cpuset no process is let in before CPUs are assigned. */
function initCgroup(name: string): string {
  return join(memoryHierarchy(), name, 'init');
}

/** cgroup v2 has one hierarchy at the mount point; v1 has a folder for each, and may have v2 beside them. */
async function hierarchies(): Promise<string[]> {
  if (isVersion2(mountPoint)) return [mountPoint];
  const entries = await readdir(mountPoint, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(mountPoint, name));
}

function isVersion2(top: string): boolean {
  return existsSync(join(top, 'cgroup.controllers'));
}

/** Made less than 2 s ago: PID 1 may not be in it yet. That is a matter of milliseconds; the rest is for a busy machine. */
async function isNew(name: string, now: number): Promise<boolean> {
  const found = (await hierarchies()).map((hierarchy) => stat(join(hierarchy, name)).catch(ifGone));
  const times = (await Promise.all(found)).map((stats) => stats?.mtimeMs ?? Infinity);
  // The kernel notes the time when a folder is first looked at, not when it is made: the earliest comes nearest.
  return Math.min(...times) > now - 2_000;
}

async function removeWhenEmpty(name: string): Promise<void> {
  // The kernel takes a moment to end processes that are killed.
  await eventually(() => removeCgroup(name), { timeoutMs: 10_000 });
}

/** Removes a cgroup from every hierarchy; false, and no more is removed, as soon as there is a process in it. */
async function removeCgroup(name: string): Promise<boolean> {
  try {
    // First that of PID 1, because while a node lives nothing of it may be touched: it may have empty cgroups too.
    await removeFolder(initCgroup(name));
    await removeTree(join(memoryHierarchy(), name));
    for (const hierarchy of await hierarchies()) await removeTree(join(hierarchy, name));
    return true;
  } catch (error) {
    if (codeOf(error) === 'EBUSY') return false;
    throw error;
  }
}

/** Folders of a cgroup go one by one, from the bottom: the files in them are the kernel's. */
async function removeTree(folder: string): Promise<void> {
  const entries = (await readdir(folder, { withFileTypes: true }).catch(ifGone)) ?? [];
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(folder, entry.name));
  await removeFolder(folder);
}

async function removeFolder(folder: string): Promise<void> {
  await rmdir(folder).catch(ifGone);
}
