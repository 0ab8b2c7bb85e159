import type { Cluster } from '../control-plane/cluster.ts';
import { eventually } from '../eventually.ts';

/** What can be seen of a pod that runs. */
export interface RunningPod {
  metadata: PodRef & { uid: string; creationTimestamp: string };
  spec: { nodeName?: string };
  status: {
    phase: string;
    qosClass: string;
    conditions?: { type: string; status: string; lastTransitionTime: string }[];
    initContainerStatuses?: ContainerStatus[];
    containerStatuses?: ContainerStatus[];
  };
}

export interface ContainerStatus {
  name: string;
  containerID?: string;
  ready: boolean;
  started?: boolean;
  restartCount: number;
  state: { running?: { startedAt: string }; terminated?: { startedAt: string; exitCode: number; reason: string } };
}

export interface PodRef {
  namespace: string;
  name: string;
}

export interface PodWait {
  /** What has to be true besides. Default: nothing. */
  and?: (pod: RunningPod) => boolean;
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** Waits until a pod is Ready, and says with `kubectl describe` why it is not. */
export async function untilPodReady(cluster: Cluster, ref: PodRef, options: PodWait = {}): Promise<RunningPod> {
  const { and = () => true, timeoutMs = 60_000, signal } = options;
  const ready = async (): Promise<RunningPod | undefined> => {
    const pod = await readPod(cluster, ref);
    return isReady(pod) && and(pod) ? pod : undefined;
  };
  return eventually(ready, { timeoutMs, intervalMs: 100, ...(signal && { signal }) }).catch(async (cause: unknown) => {
    signal?.throwIfAborted();
    throw new Error(`${ref.name} is not Ready: ${await describePod(cluster, ref)}`, { cause });
  });
}

export function readPod(cluster: Cluster, { namespace, name }: PodRef): Promise<RunningPod> {
  return cluster.get<RunningPod>('pod', name, '--namespace', namespace);
}

function isReady({ status }: RunningPod): boolean {
  return status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
}

export function describePod(cluster: Cluster, { namespace, name }: PodRef): Promise<string> {
  return cluster.kubectlOutput(['describe', 'pod', name, '--namespace', namespace]);
}

/** The status of a container by its name, whichever kind it is. */
export function containerStatus({ status }: RunningPod, container: string): ContainerStatus {
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const found = all.find(({ name }) => name === container);
  if (!found) throw new Error(`the pod has no status of ${container}`);
  return found;
}
