import { createHash } from 'node:crypto';
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

/** By which the API server trusts the webhook: digests of what the webhook has written into the cluster. */
export interface Trust {
  /** The CA with its key, and the bundle of CAs. */
  secret: Record<string, string>;
  caBundles: string[];
}

export async function readTrust(): Promise<Trust> {
  const secret = ['secret', 'sync-sidecar-ca', '--namespace', webhookNamespace];
  const { data } = await node.get<{ data: Trust['secret'] }>(...secret);
  const kinds = ['mutatingwebhookconfiguration', 'validatingwebhookconfiguration'];
  const configurations = await Promise.all(kinds.map((kind) => node.get<WebhookConfiguration>(kind, 'sync-sidecar')));
  const entries = configurations.flatMap(({ webhooks }) => webhooks);
  return {
    secret: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, digest(value)])),
    caBundles: entries.map(({ clientConfig }) => digest(clientConfig.caBundle)),
  };
}

/** A test that fails prints it, and a private key does not belong there. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

interface WebhookConfiguration {
  webhooks: { clientConfig: { caBundle: string } }[];
}
