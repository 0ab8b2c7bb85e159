import { randomUUID } from 'node:crypto';
import type { RunningPod } from '../product/running-pod.ts';
import { node } from './use-node.ts';

/** A container that runs, as containerd knows it. */
export interface RunningContainer {
  id: string;
  /** Of its first process, in the node's pid namespace. */
  pid: number;
}

/** The container of a pod that runs under this name. Like all of this file it needs no API server. */
export async function runningContainer(
  { metadata: { uid } }: RunningPod,
  container: string,
): Promise<RunningContainer> {
  // https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/kubelet/pkg/types/labels.go
  const filter = `labels."io.kubernetes.pod.uid"==${uid},labels."io.kubernetes.container.name"==${container}`;
  const ids = new Set((await node.ctr('containers', 'list', '--quiet', filter)).split('\n'));
  const tasks = (await node.ctr('tasks', 'list')).split('\n').map((line) => line.split(/\s+/));
  const [id, pid] = tasks.find(([id = '', , status]) => ids.has(id) && status === 'RUNNING') ?? [];
  if (id === undefined) throw new Error(`the container ${container} does not run`);
  return { id, pid: Number(pid) };
}

/** Kills all processes of a container at once, so that none of them can tidy up. */
export async function killContainer({ id }: RunningContainer): Promise<void> {
  await node.ctr('tasks', 'kill', '--signal', 'SIGKILL', '--all', id);
}

/** Runs a script in a container, and answers its stdout. */
export function runIn({ id }: RunningContainer, script: string): Promise<string> {
  return node.ctr('tasks', 'exec', '--exec-id', randomUUID(), id, 'sh', '-c', script);
}
