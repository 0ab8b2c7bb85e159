import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { privileged } from './privileged.ts';

/** Why the kubelet and runc can't work with the cgroups that are mounted. */
export async function findCgroupProblems(root: string): Promise<string[]> {
  const mounts = parseMounts(await readFile(join(root, 'proc/self/mounts'), 'utf8'));
  const v2 = mounts.find(({ type, path }) => type === 'cgroup2' && path === mountPoint);
  if (v2) {
    const controllers = await readFile(join(root, mountPoint, 'cgroup.controllers'), 'utf8');
    return [...findMissingControllers(controllers.trim().split(' ')), ...findReadOnly([v2])];
  }
  const v1 = mounts.filter(({ type }) => type === 'cgroup');
  return [...findMissingHierarchies(v1), ...findReadOnly(v1)];
}

/** Where kubelet and runc look. */
const mountPoint = '/sys/fs/cgroup';

interface Mount {
  path: string;
  type: string;
  options: readonly string[];
}

/** https://man7.org/linux/man-pages/man5/fstab.5.html */
function parseMounts(text: string): Mount[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, path = '', type = '', options = ''] = line.split(' ');
      return { path, type, options: options.split(',') };
    });
}

function findMissingControllers(controllers: readonly string[]): string[] {
  const missing = ['cpu', 'cpuset', 'memory', 'pids'].filter((name) => !controllers.includes(name));
  if (missing.length === 0) return [];
  return [
    `the cgroup v2 at ${mountPoint} is without ${missing.join(', ')}: ` +
      'see what the kernel was started with (/proc/cmdline) and whether cgroup v1 is mounted too, which takes them away',
  ];
}

/** The kubelet asks for the first four, limits of pods for pids, runc for devices. */
const hierarchies = ['cpu', 'cpuacct', 'cpuset', 'memory', 'pids', 'devices'];

function findMissingHierarchies(mounts: readonly Mount[]): string[] {
  const mounted = mounts.flatMap(({ options }) => options);
  const missing = hierarchies.filter((name) => !mounted.includes(name));
  if (missing.length === hierarchies.length) return [`no cgroups are mounted at ${mountPoint}: ${privileged}`];
  if (missing.length === 0) return [];
  return [
    `cgroup v1 is mounted at ${mountPoint}, but without ${missing.join(', ')}: ` +
      'mount each (mkdir FOLDER && mount -t cgroup -o NAME cgroup FOLDER), or start the system with cgroup v2',
  ];
}

function findReadOnly(mounts: readonly Mount[]): string[] {
  const paths = mounts.filter(({ options }) => options.includes('ro')).map(({ path }) => path);
  return paths.length === 0 ? [] : [`cgroups are mounted read-only at ${paths.join(', ')}: ${privileged}`];
}
