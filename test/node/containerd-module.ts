import { fileURLToPath } from 'node:url';
import { readGoMod, type GoModule } from '../control-plane/go-module.ts';

/** Reads the go.mod beside this file, of which containerd and the CNI plugins are built. */
export async function readContainerdModule(): Promise<GoModule> {
  const directory = fileURLToPath(new URL('.', import.meta.url));
  const { goVersion, versionOf } = await readGoMod(directory);
  const version = versionOf('github.com/containerd/containerd/v2');
  const cniVersion = versionOf('github.com/containernetworking/plugins');
  const stamps = {
    'github.com/containerd/containerd/v2/version.Version': `v${version}`,
    'github.com/containernetworking/plugins/pkg/utils/buildversion.BuildVersion': `v${cniVersion}`,
  };
  return {
    directory,
    goVersion,
    title: 'containerd',
    version,
    cacheName: `containerd-${version}-cni-plugins-${cniVersion}`,
    buildFlags: [
      // Snapshotters that need C libraries or what no test machine has; a node here uses overlayfs.
      '-tags=no_btrfs,no_devmapper,no_zfs',
      `-ldflags=-s -w ${Object.entries(stamps)
        .map(([name, value]) => `-X ${name}=${value}`)
        .join(' ')}`,
    ],
    disk: '1 GB',
  };
}
