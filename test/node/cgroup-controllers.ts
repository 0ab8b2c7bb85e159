import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlainError } from '../../scripts/plain-error.ts';

/** What the kubelet wants its cgroup to have if the machine has it: cgroup_v2_manager_linux.go of Kubernetes 1.36, Validate. */
const wanted = ['cpu', 'cpuset', 'memory', 'hugetlb', 'pids'];

/**
 * Has a cgroup v2 hand its controllers down to those below it, which the system's own manager does for some alone. Throws a PlainError
 * where that can't be: https://docs.kernel.org/admin-guide/cgroup-v2.html#no-internal-process-constraint
 */
export async function handDownControllers(cgroup: string, write: typeof writeFile = writeFile): Promise<void> {
  const available = await readWords(join(cgroup, 'cgroup.controllers'));
  const file = join(cgroup, 'cgroup.subtree_control');
  const handedDown = await readWords(file);
  const missing = wanted.filter((name) => available.includes(name) && !handedDown.includes(name));
  if (missing.length === 0) return;
  try {
    await write(file, missing.map((name) => `+${name}`).join(' '));
  } catch (cause) {
    throw new PlainError(
      `A node needs the cgroup controllers ${missing.join(', ')}, and ${cgroup} does not hand them down (${String(cause)}).\n` +
        'In a container that is so because its own processes are in that cgroup: start it with the cgroup namespace of its host.',
      { cause },
    );
  }
}

async function readWords(path: string): Promise<string[]> {
  return (await readFile(path, 'utf8')).split(/\s+/).filter((word) => word !== '');
}
