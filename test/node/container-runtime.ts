import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startComponent, untilReady, type Component } from '../control-plane/component.ts';
import { bareEnvironment, runCommand, type Namespaces } from '../control-plane/leashed-process.ts';
import { cniConfiguration, type PodNetwork } from './cni-configuration.ts';
import { containerdConfiguration, containerdSocket } from './containerd-configuration.ts';
import type { NodePrograms } from './node-programs.ts';

export interface ContainerRuntimeOptions {
  programs: NodePrograms;
  network: PodNetwork;
  sandboxImage: string;
  folder: string;
  namespaces: Required<Namespaces>;
  signal: AbortSignal;
}

/** containerd, and its client. */
export interface ContainerRuntime {
  component: Component;
  ctr: ContainerClient;
}

/** Runs containerd's client where the kubelet's containers are, and answers its stdout. Throws with the client's words. */
export type ContainerClient = (...args: string[]) => Promise<string>;

/** Starts containerd in the namespaces of a node; resolves when it answers. */
export async function startContainerRuntime(options: ContainerRuntimeOptions): Promise<ContainerRuntime> {
  const { programs, folder, namespaces, signal } = options;
  const component = await startComponent({
    name: 'containerd',
    // It finds its shim beside itself.
    command: programs.containerd,
    args: ['--config', await writeConfiguration(options)],
    directory: folder,
    namespaces,
  });
  const ctr = containerClient(options);
  await untilReady(component, { check: () => ctr('version'), needs: [], signal });
  return { component, ctr };
}

async function writeConfiguration(options: ContainerRuntimeOptions): Promise<string> {
  const { programs, folder, network, sandboxImage } = options;
  const cniFolder = join(folder, 'cni');
  await mkdir(cniFolder);
  await writeFile(join(cniFolder, '10-pods.conflist'), JSON.stringify(cniConfiguration(network), null, 2));
  const path = join(folder, 'containerd.toml');
  const { runc, cniPlugins } = programs;
  const root = join(folder, 'containerd');
  await writeFile(path, containerdConfiguration({ folder: root, runc, cniPlugins, cniFolder, sandboxImage }));
  return path;
}

/** The client for a containerd that runs already. */
export function containerClient(
  options: Pick<ContainerRuntimeOptions, 'programs' | 'folder' | 'namespaces'>,
): ContainerClient {
  const { programs, folder, namespaces } = options;
  return async (...args) => {
    const { code, stdout, stderr } = await runCommand({
      command: programs.ctr,
      // k8s.io is the containerd namespace of everything that comes from a kubelet.
      args: ['--address', containerdSocket, '--namespace', 'k8s.io', ...args],
      env: bareEnvironment(folder),
      namespaces,
    });
    if (code !== 0) throw new Error(`ctr ${args.join(' ')} failed: ${stderr.trim()}`);
    return stdout;
  };
}
