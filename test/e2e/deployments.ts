import type { Pod } from '../../webhook/pod.ts';
import type { RunningPod } from '../product/running-pod.ts';
import { asking, reader } from '../product/test-objects.ts';
import { workload } from '../product/workloads.ts';
import { application, dashboard, exec } from './pods.ts';
import { node } from './use-node.ts';

const name = 'app';

/** Creates a Deployment of two pods, with these annotations, in a namespace of its own with all that a sidecar needs; answers the namespace. */
export async function createDeployment(annotations: Readonly<Record<string, string>> = asking): Promise<string> {
  const namespace = await node.createNamespace(name);
  const containers = [application({ script: 'exec sleep 1000' })];
  const spec = { serviceAccountName: 'reader', containers, terminationGracePeriodSeconds: 1 };
  const deployment = workload('Deployment', { name, pods: annotations, spec });
  await node.apply([...reader(), dashboard('hello'), deployment], namespace);
  return namespace;
}

/** A pod, and what can be seen of it. */
export type DeployedPod = Pod & RunningPod;

/** Waits until all pods of the namespace's Deployment are Ready, and answers them. */
export async function untilDeployed(namespace: string, timeoutMs = 60_000): Promise<DeployedPod[]> {
  // Less would be no limit at all.
  const timeout = `--timeout=${Math.max(1, Math.ceil(timeoutMs))}ms`;
  await node.kubectlOutput(['rollout', 'status', `deployment/${name}`, '--namespace', namespace, timeout]);
  return podsIn(namespace);
}

export async function podsIn(namespace: string): Promise<DeployedPod[]> {
  return (await node.get<{ items: DeployedPod[] }>('pods', '--namespace', namespace)).items;
}

/** What each pod of the namespace has in the file of the ConfigMap that it asked for. */
export async function syncedContents(namespace: string): Promise<string[]> {
  const pods = await podsIn(namespace);
  return Promise.all(pods.map(({ metadata }) => exec(metadata, 'cat /etc/dashboards/hello.json')));
}

/** Which containers run in the pods of the namespace: another list as soon as one of them is replaced or restarted. */
export async function containersIn(namespace: string): Promise<(string | undefined)[]> {
  const statuses = (await podsIn(namespace)).flatMap(
    ({ status: { initContainerStatuses = [], containerStatuses = [] } }) => [
      ...initContainerStatuses,
      ...containerStatuses,
    ],
  );
  return statuses.map(({ containerID }) => containerID);
}

/** Why no pod of the namespace's Deployment can be created, in the words of who refused; undefined while none was refused. */
export async function failedCreate(namespace: string): Promise<string | undefined> {
  const { status } = await node.get<{ status: DeploymentStatus }>('deployment', name, '--namespace', namespace);
  return status.conditions?.find(({ reason }) => reason === 'FailedCreate')?.message;
}

interface DeploymentStatus {
  conditions?: { reason: string; message: string }[];
}
