import { containerdSocket } from './containerd-configuration.ts';

export interface KubeletConfigurationOptions {
  /** A file with the CA of client certificates. */
  caFile: string;
  /** Path of the cgroup, in every hierarchy, under which all pods are; it has to be there. */
  cgroup: string;
}

/** https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/ */
export function kubeletConfiguration({ caFile, cgroup }: KubeletConfigurationOptions): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: caFile } },
    authorization: { mode: 'Webhook' },
    cgroupDriver: 'cgroupfs',
    cgroupRoot: cgroup,
    // Machines that run tests have either version, and often swap.
    failCgroupV1: false,
    failSwapOn: false,
    // A container that runs this may be without CAP_SYS_RESOURCE, which the defaults (-999 and 1,000,000) need.
    oomScoreAdj: 0,
    maxOpenFiles: 20_000,
    readOnlyPort: 0,
    // Mounted ConfigMaps change within seconds instead of a minute and more.
    syncFrequency: '5s',
    // There is no DNS, and nothing here needs it.
    resolvConf: '',
    // It would need the command iptables, for a mark that only kube-proxy uses.
    makeIPTablesUtilChains: false,
    // The machine's disk may be as full as it likes.
    imageGCHighThresholdPercent: 100,
    // Off. https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#hard-eviction-thresholds
    evictionHard: {
      'memory.available': '0%',
      'nodefs.available': '0%',
      'imagefs.available': '0%',
      'nodefs.inodesFree': '0%',
    },
  };
}
