import { dirname } from 'node:path';
import { findOrBuildKubernetes } from '../control-plane/binaries.ts';
import { findOrBuildGoPrograms, type BinariesOptions } from '../control-plane/go-programs.ts';
import { noGoForNode } from '../control-plane/no-go.ts';
import type { GoProgram } from '../control-plane/programs.ts';
import { readContainerdModule } from './containerd-module.ts';
import { findRunc } from './runc.ts';

/** Paths of what a node runs. */
export interface NodePrograms {
  kubelet: string;
  kubeScheduler: string;
  containerd: string;
  containerdShim: string;
  ctr: string;
  runc: string;
  /** Folder with bridge, host-local and loopback. */
  cniPlugins: string;
}

/**
 * Finds the programs of a node: runc in PATH or in Debian's package, the others in the cache, into which they are built with Go
 * when they are missing. The control plane's are built along, so that a cold cache costs one build. Throws a PlainError when
 * something can't be had, or the signal's reason.
 */
export async function findOrBuildNodePrograms(options: BinariesOptions): Promise<NodePrograms> {
  // First, because it fails or succeeds in seconds.
  const runc = await findRunc(options);
  const { kubelet, kubeScheduler } = await findOrBuildKubernetes(kubernetesPrograms, options);
  const goModule = await readContainerdModule();
  const runtime = await findOrBuildGoPrograms({ programs: runtimePrograms, goModule, noGo: noGoForNode }, options);
  const { containerd, containerdShim, ctr, bridge } = runtime;
  return { kubelet, kubeScheduler, containerd, containerdShim, ctr, runc, cniPlugins: dirname(bridge) };
}

const kubernetesPrograms: readonly GoProgram<'kubelet' | 'kubeScheduler'>[] = [
  { key: 'kubelet', fileName: 'kubelet', goPackage: 'k8s.io/kubernetes/cmd/kubelet' },
  { key: 'kubeScheduler', fileName: 'kube-scheduler', goPackage: 'k8s.io/kubernetes/cmd/kube-scheduler' },
];

const containerdCommands = 'github.com/containerd/containerd/v2/cmd';
const cniPlugins = 'github.com/containernetworking/plugins/plugins';

type RuntimeKey = 'containerd' | 'containerdShim' | 'ctr' | 'bridge' | 'hostLocal' | 'loopback';

const runtimePrograms: readonly GoProgram<RuntimeKey>[] = [
  { key: 'containerd', fileName: 'containerd', goPackage: `${containerdCommands}/containerd` },
  {
    key: 'containerdShim',
    fileName: 'containerd-shim-runc-v2',
    goPackage: `${containerdCommands}/containerd-shim-runc-v2`,
  },
  { key: 'ctr', fileName: 'ctr', goPackage: `${containerdCommands}/ctr` },
  { key: 'bridge', fileName: 'bridge', goPackage: `${cniPlugins}/main/bridge` },
  { key: 'hostLocal', fileName: 'host-local', goPackage: `${cniPlugins}/ipam/host-local` },
  { key: 'loopback', fileName: 'loopback', goPackage: `${cniPlugins}/main/loopback` },
];
