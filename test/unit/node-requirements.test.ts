import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTemporaryFolder, type TemporaryFolder } from '../control-plane/temporary-folder.ts';
import { explainRequirements, nodeRequirements, type NodeHost } from '../node/requirements.ts';
import { writeScripts } from './fake-programs.ts';

const { signal } = new AbortController();
const v2 = 'cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nsdelegate 0 0\n';
/** With two controllers in one hierarchy, and v2 beside them, as systemd mounts it. */
const v1 = [
  'tmpfs /sys/fs/cgroup tmpfs rw,mode=755 0 0',
  'cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0',
  ...['cpuset', 'memory', 'pids', 'devices'].map((name) => `cgroup /sys/fs/cgroup/${name} cgroup rw,${name} 0 0`),
  'cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0',
].join('\n');
/** What `unshare` is asked to run, it does not; what it warns of is no failure. */
const goodCommands = { unshare: 'echo a warning >&2', nsenter: '', mount: '', ip: '' };
const privileged = 'if this is a container, start it with `docker run --privileged` or its like';

let folder: TemporaryFolder;
let root: string;
let bin: string;

beforeEach(async () => {
  folder = await createTemporaryFolder('sync-sidecar-requirements-');
  root = join(folder.path, 'root');
  bin = join(folder.path, 'bin');
  await writeFiles({
    'proc/self/uid_map': '         0          0 4294967295\n',
    'proc/self/mounts': v2,
    'sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory hugetlb pids\n',
    'dev/kmsg': '',
  });
  await writeScripts(bin, goodCommands);
});
afterEach(() => folder.remove());

async function writeFiles(files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
}

async function requirements(host: Partial<NodeHost> = {}): Promise<string[]> {
  return nodeRequirements({ platform: 'linux', uid: 0, env: { PATH: bin }, signal, root, ...host });
}

it('a folder for temporary ones with a long path is refused with the length that is left', async () => {
  const temporary = `/${'long'.repeat(12)}`;

  expect(await requirements({ temporary })).toEqual([
    `its sockets' paths would be too long below ${temporary}: set TMPDIR to a folder whose path has at most 47 bytes`,
  ]);
});

describe('a machine on which a node can run', () => {
  it('has cgroup v2', async () => {
    expect(await requirements()).toEqual([]);
  });

  it('or has cgroup v1', async () => {
    await writeFiles({ 'proc/self/mounts': v1 });

    expect(await requirements()).toEqual([]);
  });
});

describe('a machine on which no node can run', () => {
  it('is not Linux, whatever else it has', async () => {
    expect(await requirements({ platform: 'darwin', uid: 501, env: {} })).toEqual([
      "it is made of Linux's namespaces and cgroups, and this is darwin: use a Linux machine, a virtual one will do",
    ]);
  });

  it('is used by another than root, and lacks commands: both are said at once', async () => {
    for (const command of ['unshare', 'nsenter', 'ip']) await rm(join(bin, command));

    expect(await requirements({ uid: 1000 })).toEqual([
      'only root can make it, and this is user 1000: repeat the command after `sudo --preserve-env=PATH env`',
      'there is no unshare, nsenter, ip in PATH: on Debian and Ubuntu `apt-get install util-linux iproute2` brings it',
    ]);
  });

  it('is a rootless container', async () => {
    await writeFiles({ 'proc/self/uid_map': '0 1000 1\n1 100000 65536\n' });

    expect(await requirements()).toEqual([
      'only root can make it, and this is root of a user namespace alone: leave that (rootless) container',
    ]);
  });

  it('is a container that may do nothing, whose problems are all said', async () => {
    await rm(join(root, 'dev/kmsg'));
    await writeFiles({ 'proc/self/mounts': v2.replace('rw', 'ro') });
    await writeScripts(bin, { unshare: 'echo unshare: unshare failed: Operation not permitted >&2; exit 1' });

    expect(await requirements()).toEqual([
      `the kernel's log ${root}/dev/kmsg can't be read: ${privileged}`,
      `cgroups are mounted read-only at /sys/fs/cgroup: ${privileged}`,
      "namespaces with an overlay mount, a bridge and a veth pair can't be made (unshare: unshare failed: Operation not permitted): " +
        `${privileged}, and let TMPDIR be on a volume; else see whether the kernel has the modules overlay, bridge and veth`,
    ]);
  });

  it('has no cgroups', async () => {
    await writeFiles({ 'proc/self/mounts': 'proc /proc proc rw 0 0\n' });

    expect(await requirements()).toEqual([`no cgroups are mounted at /sys/fs/cgroup: ${privileged}`]);
  });

  it('has cgroup v1, read-only', async () => {
    await writeFiles({ 'proc/self/mounts': v1.replaceAll('cgroup rw', 'cgroup ro') });

    expect(await requirements()).toEqual([
      'cgroups are mounted read-only at /sys/fs/cgroup/cpu,cpuacct, /sys/fs/cgroup/cpuset, /sys/fs/cgroup/memory, ' +
        `/sys/fs/cgroup/pids, /sys/fs/cgroup/devices: ${privileged}`,
    ]);
  });

  it('has cgroup v1 without some hierarchies', async () => {
    await writeFiles({ 'proc/self/mounts': v1.replace(/^.*(cpuset|pids).*\n/gm, '') });

    expect(await requirements()).toEqual([
      'cgroup v1 is mounted at /sys/fs/cgroup, but without cpuset, pids: ' +
        'mount each (mkdir FOLDER && mount -t cgroup -o NAME cgroup FOLDER), or start the system with cgroup v2',
    ]);
  });

  it('has cgroup v2 without some controllers', async () => {
    await writeFiles({ 'sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io\n' });

    expect(await requirements()).toEqual([
      'the cgroup v2 at /sys/fs/cgroup is without memory, pids: ' +
        'see what the kernel was started with (/proc/cmdline) and whether cgroup v1 is mounted too, which takes them away',
    ]);
  });
});

it('leaves nothing of what it tries', async () => {
  const said = join(folder.path, 'said');
  await writeScripts(bin, { unshare: `echo "$@" > '${said}'` });

  await requirements();

  const tried = (await readFile(said, 'utf8')).trim().split(' ').at(-1) ?? '';
  expect(basename(tried)).toMatch(/^sync-sidecar-try-/);
  await expect(access(tried)).rejects.toMatchObject({ code: 'ENOENT' });
});

it('what is missing is told in one text', () => {
  expect(explainRequirements(['there is no ip in PATH', 'no cgroups are mounted'])).toBe(
    'A real Kubernetes node can not run here:\n  - there is no ip in PATH\n  - no cgroups are mounted',
  );
});
