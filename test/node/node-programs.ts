/** TEMPORARY */
export interface NodePrograms {
  kubelet: string;
  kubeScheduler: string;
  containerd: string;
  containerdShim: string;
  ctr: string;
  runc: string;
  cniPlugins: string;
}
