export interface ContainerdConfigurationOptions {
  /** For images and containers. */
  folder: string;
  runc: string;
  /** Folder of the CNI plugins, and the one of their configuration. */
  cniPlugins: string;
  cniFolder: string;
  /** Name of the image of a pod's sandbox; it has to be there. */
  sandboxImage: string;
}

/** In the node's own /run. */
export const containerdSocket = '/run/containerd/containerd.sock';

/** https://github.com/containerd/containerd/blob/v2.3.7/docs/cri/config.md */
export function containerdConfiguration(options: ContainerdConfigurationOptions): string {
  const { folder, runc, cniPlugins, cniFolder, sandboxImage } = options;
  return `version = 3
root = ${JSON.stringify(folder)}
state = "/run/containerd"

[grpc]
  address = ${JSON.stringify(containerdSocket)}

[plugins.'io.containerd.cri.v1.images'.pinned_images]
  # Else it would be pulled.
  sandbox = ${JSON.stringify(sandboxImage)}

[plugins.'io.containerd.cri.v1.runtime']
  # Without CAP_SYS_RESOURCE no score below the daemon's own can be set, and runc fails.
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
      BinaryName = ${JSON.stringify(runc)}
      SystemdCgroup = false
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = [${JSON.stringify(cniPlugins)}]
    conf_dir = ${JSON.stringify(cniFolder)}
`;
}
