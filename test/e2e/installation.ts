import type { RunningPod } from '../product/running-pod.ts';
import { podsIn } from './deployments.ts';
import { node } from './use-node.ts';
import { webhookDeploymentName, webhookNamespace } from './webhook-pods.ts';

const deployment = [`deployment/${webhookDeploymentName}`, '--namespace', webhookNamespace];

/** Waits until the webhook's pods are those that are wanted, and Ready. */
export async function untilRolledOut(): Promise<void> {
  await node.kubectlOutput(['rollout', 'status', ...deployment, '--timeout=120s']);
}

export async function restartRollout(): Promise<void> {
  await node.kubectlOutput(['rollout', 'restart', ...deployment]);
  await untilRolledOut();
}

/** The webhook's pods, those that end included. */
export async function webhookPods(): Promise<RunningPod[]> {
  return podsIn(webhookNamespace);
}
