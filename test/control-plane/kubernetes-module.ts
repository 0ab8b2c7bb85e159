import { fileURLToPath } from 'node:url';
import { readGoMod, type GoModule } from './go-module.ts';

export interface KubernetesModule extends GoModule {
  /** Version of etcd without its v, such as 3.6.8. */
  etcdVersion: string;
}

/** Reads the go.mod beside this file, of which Kubernetes and etcd are built. */
export async function readKubernetesModule(): Promise<KubernetesModule> {
  const directory = fileURLToPath(new URL('.', import.meta.url));
  const { goVersion, versionOf } = await readGoMod(directory);
  const version = versionOf('k8s.io/kubernetes');
  const etcdVersion = versionOf('go.etcd.io/etcd/server/v3');
  return {
    directory,
    goVersion,
    title: 'Kubernetes',
    version,
    etcdVersion,
    cacheName: `kubernetes-${version}-etcd-${etcdVersion}`,
    buildFlags: [`-ldflags=-s -w ${versionStamps(version).join(' ')}`],
    // Measured with the programs of a node; 3 GB without them.
    disk: '4 GB',
  };
}

/** Without them all call themselves v0.0.0-master, and clients that compare versions go wrong. */
function versionStamps(version: string): string[] {
  const [major, minor] = version.split('.');
  const stamps = { gitVersion: `v${version}`, gitMajor: major, gitMinor: minor };
  return Object.entries(stamps).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
}
