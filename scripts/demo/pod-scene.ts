import type { ContainerPlace } from '../../test/node/container-on-machine.ts';
import type { ClusterNode } from '../../test/node/node.ts';
import { containerStatus, readPod, type PodRef, type RunningPod } from '../../test/product/running-pod.ts';
import type { Narrator } from './narrator.ts';

/** What is worked with where a kubelet runs the example's pod. */
export interface PodScene {
  node: ClusterNode;
  ref: PodRef;
  narrator: Narrator;
  signal: AbortSignal;
}

/** The names of its containers. */
export const application = 'app';
export const sidecar = 'sync-sidecar';

/** Where this machine finds a container of the pod. */
export function placeOf({ node }: PodScene, pod: RunningPod, container: string): ContainerPlace {
  return { cgroup: node.cgroup, containerID: idOf(pod, container) };
}

/** Sends a signal to every process of the sidecar. */
export async function signalSidecar({ node, ref }: PodScene, signal: 'SIGSTOP' | 'SIGKILL'): Promise<void> {
  const id = idOf(await readPod(node, ref), sidecar).replace('containerd://', '');
  await node.ctr('tasks', 'kill', '--all', '--signal', signal, id);
}

function idOf(pod: RunningPod, container: string): string {
  const { containerID } = containerStatus(pod, container);
  if (containerID === undefined) throw new Error(`${container} has no container yet`);
  return containerID;
}
