import { existsSync } from 'node:fs';
import { mkdir, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readCommandLines } from '../command-lines.ts';
import { eventually } from '../eventually.ts';
import { handDownControllers } from './cgroup-controllers.ts';
import { isNodeInit } from './node-namespaces.ts';

const mountPoint = '/sys/fs/cgroup';
const prefix = 'sync-sidecar-node-';

/** The cgroup of one node, by the same name in every hierarchy. */
export interface NodeCgroup {
  /** As the kubelet calls it: /NAME. */
  path: string;
  /** Removes it from every hierarchy; its processes must have ended or be about to. */
  remove(): Promise<void>;
}

/**
 * Makes the cgroup under which a kubelet is to put its pods. It carries the pid of the node's PID 1, so that a later run can tell
 * what a killed one has left.
 */
export async function makeNodeCgroup(initPid: number): Promise<NodeCgroup> {
  const name = `${prefix}${initPid}`;
  if (isVersion2(mountPoint)) await handDownControllers(mountPoint);
  for (const hierarchy of await hierarchies()) await mkdir(join(hierarchy, name), { recursive: true });
  return { path: `/${name}`, remove: () => removeCgroup(name) };
}

/** Removes the cgroups of nodes that are no more; answers their names. */
export async function removeStaleCgroups(): Promise<string[]> {
  const found = (await Promise.all((await hierarchies()).map((hierarchy) => readdir(hierarchy)))).flat();
  const names = [...new Set(found)].filter((name) => name.startsWith(prefix));
  const commandLines = await readCommandLines();
  // A pid may have gone to another process meanwhile.
  const isAlive = (name: string): boolean => isNodeInit(commandLines.get(Number(name.slice(prefix.length))) ?? '');
  const stale = names.filter((name) => !isAlive(name));
  for (const name of stale) await removeCgroup(name);
  return stale;
}

/** Where memory is counted. */
export function memoryHierarchy(root = '/'): string {
  const top = join(root, mountPoint);
  return isVersion2(top) ? top : join(top, 'memory');
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

async function removeCgroup(name: string): Promise<void> {
  // The kernel takes a moment to end processes that are killed.
  await eventually(() => removeAll(name), { timeoutMs: 10_000 });
}

async function removeAll(name: string): Promise<boolean> {
  for (const hierarchy of await hierarchies()) {
    const root = join(hierarchy, name);
    if (existsSync(root)) await removeTree(root);
  }
  return true;
}

/** Folders of a cgroup go one by one, from the bottom: the files in them are the kernel's. */
async function removeTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(folder, entry.name));
  await rmdir(folder);
}
