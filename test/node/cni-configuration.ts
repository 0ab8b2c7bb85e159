export interface PodNetwork {
  bridge: string;
  /** The node's address, which is the pods' gateway, and the subnet of both. */
  address: string;
  podSubnet: string;
}

/** https://www.cni.dev/plugins/current/main/bridge/ */
export function cniConfiguration({ bridge, address, podSubnet }: PodNetwork): object {
  return {
    cniVersion: '1.0.0',
    name: 'node',
    plugins: [
      {
        type: 'bridge',
        bridge,
        isGateway: true,
        isDefaultGateway: true,
        // Pods talk to each other and to the node alone; to masquerade would need the command iptables.
        ipMasq: false,
        ipam: { type: 'host-local', dataDir: '/run/cni', ranges: [[{ subnet: podSubnet, gateway: address }]] },
      },
    ],
  };
}
