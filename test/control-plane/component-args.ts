import type { CredentialFiles } from './credentials.ts';

/** How one control plane is laid out on this machine. */
export interface Layout {
  /** Short: the paths of sockets in it must stay below 104 bytes (sun_path on macOS; 108 on Linux). */
  directory: string;
  bindAddress: string;
  securePort: number;
  /** Where the Service `kubernetes` leads. Absent: its endpoints are not kept, for no one can use a loopback address from afar. */
  advertiseAddress: string | undefined;
  serviceClusterIpRange: string;
}

/** Path of the socket on which etcd serves its clients: no port to choose, nothing that another user can reach. */
export function etcdSocket({ directory }: Layout): string {
  return `${directory}/etcd.sock`;
}

/** Arguments of etcd: a single member that listens on sockets alone, and need not survive a power failure. */
export function etcdArgs(layout: Layout): string[] {
  return [
    ...['--data-dir', `${layout.directory}/etcd`],
    ...['--listen-client-urls', `unix://${etcdSocket(layout)}`],
    ...['--listen-peer-urls', `unix://${layout.directory}/etcd-peer.sock`],
    // Told to other members, of which there are none; but it must be given, and as host:port.
    ...['--advertise-client-urls', 'http://localhost:2379'],
    '--unsafe-no-fsync',
    ...['--log-level', 'error'],
  ];
}

/** Arguments of kube-apiserver: what a node needs later (Node authorizer, NodeRestriction, routing) is there from the start. */
export function apiServerArgs(layout: Layout, files: CredentialFiles): string[] {
  return [
    ...['--etcd-servers', `unix://${etcdSocket(layout)}`],
    ...['--bind-address', layout.bindAddress],
    ...['--secure-port', String(layout.securePort)],
    ...advertiseArgs(layout),
    ...['--cert-dir', layout.directory],
    ...['--tls-cert-file', files.serving.certificate, '--tls-private-key-file', files.serving.privateKey],
    ...['--client-ca-file', files.ca],
    // For logs, exec and port-forward, should a kubelet join; it is reached by address because there is no DNS.
    ...['--kubelet-client-certificate', files.admin.certificate, '--kubelet-client-key', files.admin.privateKey],
    ...['--kubelet-preferred-address-types', 'InternalIP'],
    ...['--authorization-mode', 'Node,RBAC'],
    ...['--enable-admission-plugins', 'NodeRestriction'],
    '--allow-privileged',
    ...['--service-cluster-ip-range', layout.serviceClusterIpRange],
    // There is no kube-proxy: a webhook named by its Service is called at the address of its pod.
    '--enable-aggregator-routing=true',
    ...['--service-account-issuer', 'https://kubernetes.default.svc'],
    ...['--service-account-signing-key-file', files.serviceAccountKey],
    ...['--service-account-key-file', files.serviceAccountKey],
    // Without it SIGTERM takes a minute while someone watches: requests in flight have 60 s, and a watch never ends by itself.
    ...['--shutdown-watch-termination-grace-period', '1s'],
  ];
}

/** Arguments of kube-controller-manager. It acts as admin itself: 5 s sooner at work than with a ServiceAccount per controller. */
export function controllerManagerArgs(files: CredentialFiles): string[] {
  return [
    ...['--kubeconfig', files.adminKubeconfig],
    ...['--service-account-private-key-file', files.serviceAccountKey],
    ...['--root-ca-file', files.ca],
    '--leader-elect=false',
    // It serves nothing that is needed here, so it needs no port.
    ...['--secure-port', '0'],
  ];
}

/** The API server can't find an address to advertise on a machine whose only interface is lo, so it is always told. */
function advertiseArgs({ advertiseAddress }: Layout): string[] {
  return advertiseAddress === undefined
    ? ['--advertise-address', '127.0.0.1', '--endpoint-reconciler-type', 'none']
    : ['--advertise-address', advertiseAddress];
}
