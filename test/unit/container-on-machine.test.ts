import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTemporaryFolder, type TemporaryFolder } from '../control-plane/temporary-folder.ts';
import { readContainerMemory, readContainerProcesses } from '../node/container-on-machine.ts';

const cgroup = '/sync-sidecar-node-7';
const ofPod = `${cgroup}/kubepods/burstable/pod0a1b`;
const v1 = `sys/fs/cgroup/memory${ofPod}/c0ffee`;
const v2 = `sys/fs/cgroup${ofPod}/c0ffee`;

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await createTemporaryFolder('sync-sidecar-machine-');
});
afterEach(() => folder.remove());

async function machine(files: Record<string, string>): Promise<{ cgroup: string; containerID: string; root: string }> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder.path, path)), { recursive: true });
    await writeFile(join(folder.path, path), text);
  }
  return { cgroup, containerID: 'containerd://c0ffee', root: folder.path };
}

describe('the processes of a container', () => {
  it('are those of its cgroup, by the pids of this machine, the one with which it ends first', async () => {
    const place = await machine({
      [`${v1}/cgroup.procs`]: '90\n31\n32\n',
      'proc/31/status': 'Name:\ttini\nNSpid:\t31\t21\t1\n',
      'proc/31/cmdline': '/tini\0-s\0--\0node\0',
      'proc/32/status': 'Name:\tMainThread\nNSpid:\t32\t22\t7\n',
      'proc/32/cmdline': 'node\0program.cjs\0',
    });

    // 90 has ended meanwhile.
    expect(await readContainerProcesses(place)).toEqual([
      { pid: 31, pidInside: 1, commandLine: ['/tini', '-s', '--', 'node'] },
      { pid: 32, pidInside: 7, commandLine: ['node', 'program.cjs'] },
    ]);
  });

  it('are none of a container that has ended, or is of another node', async () => {
    const place = await machine({ [`${v1}/cgroup.procs`]: '90\n' });
    const other = { ...place, cgroup: '/sync-sidecar-node-8' };

    await expect(readContainerProcesses(place)).rejects.toThrow('containerd://c0ffee has no process: it has ended');
    await expect(readContainerProcesses(other)).rejects.toThrow(
      `there is no container c0ffee below ${folder.path}/sys/fs/cgroup/memory/sync-sidecar-node-8: it has ended, or is of another node`,
    );
  });
});

describe('the memory of a container', () => {
  it('is counted by cgroup v1 with the cgroups below it', async () => {
    const place = await machine({
      [`${v1}/memory.usage_in_bytes`]: '5000\n',
      [`${v1}/memory.stat`]: 'inactive_file 1\ntotal_cache 2000\ntotal_inactive_file 1200\n',
    });

    expect(await readContainerMemory(place)).toEqual({ usage: 5000, workingSet: 3800 });
  });

  it('is counted by cgroup v2', async () => {
    const place = await machine({
      'sys/fs/cgroup/cgroup.controllers': 'cpu memory\n',
      [`${v2}/memory.current`]: '5000\n',
      [`${v2}/memory.stat`]: 'anon 3000\ninactive_file 1200\n',
    });

    expect(await readContainerMemory(place)).toEqual({ usage: 5000, workingSet: 3800 });
  });
});
