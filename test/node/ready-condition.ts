import type { Cluster } from '../control-plane/cluster.ts';

/** https://kubernetes.io/docs/reference/node/node-status/#condition */
export interface NodeCondition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  /** When the kubelet said so last. */
  lastHeartbeatTime: string;
}

/** Whether a node is Ready, as its kubelet has said; undefined as long as it has not. */
export async function readReadyCondition(cluster: Cluster, node: string): Promise<NodeCondition | undefined> {
  const { status } = await cluster.get<{ status: { conditions?: NodeCondition[] } }>('node', node);
  return status.conditions?.find(({ type }) => type === 'Ready');
}
