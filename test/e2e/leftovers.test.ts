import { afterAll, describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProcess, type LeashedProcess } from '../control-plane/leashed-process.ts';
import { readCommandLines } from '../command-lines.ts';
import { eventually } from '../eventually.ts';
import { removeLeftovers } from '../node/leftovers.ts';
import { isNodeInit } from '../node/node-namespaces.ts';

const started: LeashedProcess[] = [];

afterAll(() => Promise.all(started.map((program) => program.kill())));

/** What shows of a node on this machine. */
interface Traces {
  processes: string[];
  mounts: string[];
  folder: boolean;
  cgroups: string[];
}

const nothing: Traces = { processes: [], mounts: [], folder: false, cgroups: [] };

describe('a node that a program has started', () => {
  it('leaves nothing when the program is asked to end', async () => {
    const { program, folder, initPid } = await startNodeProgram();
    const before = await tracesOf(folder, initPid);

    expect(await program.stop('SIGTERM', 60_000)).toEqual({ code: 0, signal: null });

    expect(await tracesOf(folder, initPid)).toEqual(nothing);
    expect(before.processes).toEqual(expect.arrayContaining([expect.stringContaining('kubelet')]));
    expect(before.cgroups).not.toEqual([]);
  }, 120_000);

  it('leaves neither process nor mount when the program is killed, and the next start removes the rest', async () => {
    const { program, folder, initPid } = await startNodeProgram();
    // Not by its leash, which would take everything along that has not left its process group.
    process.kill(program.pid, 'SIGKILL');
    const gone = async (): Promise<boolean> => {
      const { cgroups: _, ...others } = await tracesOf(folder, initPid);
      expect(others).toEqual({ processes: [], mounts: [], folder: false });
      return true;
    };
    await eventually(gone, { timeoutMs: 15_000 });

    expect(await removeLeftovers({ now: Date.now(), uid: process.getuid?.() })).toContain(
      `sync-sidecar-node-${initPid}`,
    );
    expect(await tracesOf(folder, initPid)).toEqual(nothing);
  }, 120_000);
});

async function startNodeProgram(): Promise<{ program: LeashedProcess; folder: string; initPid: number }> {
  const kubeconfig = Promise.withResolvers<string>();
  const said: string[] = [];
  const program = await startProcess({
    command: process.execPath,
    args: [fileURLToPath(new URL('../node/main.ts', import.meta.url))],
    env: process.env,
    onLine: (line) => {
      said.push(line);
      const path = /^KUBECONFIG=(\S+)/.exec(line)?.[1];
      if (path !== undefined) kubeconfig.resolve(path);
    },
  });
  started.push(program);
  void program.exited.then(() => kubeconfig.reject(new Error(`the node did not start:\n${said.join('\n')}`)));
  const folder = dirname(await kubeconfig.promise);
  const isInit = (command: string): boolean => isNodeInit(command) && command.includes(folder);
  const [initPid = NaN] = [...(await readCommandLines())].find(([, command]) => isInit(command)) ?? [];
  return { program, folder, initPid };
}

async function tracesOf(folder: string, initPid: number): Promise<Traces> {
  const commands = [...(await readCommandLines()).values()];
  const cgroups = findCgroups(`sync-sidecar-node-${initPid}`);
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  return {
    processes: commands.filter((command) => command.includes(folder)),
    mounts: mounts.filter((mount) => mount.includes(folder)),
    folder: existsSync(folder),
    cgroups,
  };
}

/** cgroup v2 has the folder at the mount point, v1 in each hierarchy. */
function findCgroups(name: string): string[] {
  const mountPoint = '/sys/fs/cgroup';
  const places = [mountPoint, ...readdirSync(mountPoint).map((hierarchy) => `${mountPoint}/${hierarchy}`)];
  return places.map((place) => `${place}/${name}`).filter((path) => existsSync(path));
}
