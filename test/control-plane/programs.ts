/** Paths of the programs of a control plane and of the kubectl that fits it. */
export interface Binaries {
  kubeApiserver: string;
  kubeControllerManager: string;
  etcd: string;
  kubectl: string;
}

/** What must be known to find and build a program. */
export interface GoProgram<Key extends string = string> {
  key: Key;
  fileName: string;
  /** Go package of its main function. */
  goPackage: string;
}

export interface Program extends GoProgram<keyof Binaries> {
  versionArgs: readonly string[];
  /** Whether its version is that of Kubernetes. */
  ofKubernetes: boolean;
}

/** The programs of a control plane, and what must be known to find, check and build them. */
export const programs: readonly Program[] = [
  {
    key: 'kubeApiserver',
    fileName: 'kube-apiserver',
    goPackage: 'k8s.io/kubernetes/cmd/kube-apiserver',
    versionArgs: ['--version'],
    ofKubernetes: true,
  },
  {
    key: 'etcd',
    fileName: 'etcd',
    goPackage: 'go.etcd.io/etcd/server/v3',
    versionArgs: ['--version'],
    ofKubernetes: false,
  },
  {
    key: 'kubectl',
    fileName: 'kubectl',
    goPackage: 'k8s.io/kubernetes/cmd/kubectl',
    versionArgs: ['version', '--client'],
    ofKubernetes: true,
  },
  {
    key: 'kubeControllerManager',
    fileName: 'kube-controller-manager',
    goPackage: 'k8s.io/kubernetes/cmd/kube-controller-manager',
    versionArgs: ['--version'],
    ofKubernetes: true,
  },
];
