import { setTimeout as delay } from 'node:timers/promises';
import type { RunningPod } from '../product/running-pod.ts';
import { killContainer, runningContainer } from './containers.ts';
import { webhookPods } from './installation.ts';

/** Kills the containers of all of the webhook's pods, and those that the kubelet starts in their place, until it is disposed of. */
export async function killWebhook(): Promise<AsyncDisposable> {
  const pods = await webhookPods();
  await Promise.all(pods.map(kill));
  const stopped = new AbortController();
  const killing = killOn(pods, stopped.signal);
  return {
    [Symbol.asyncDispose]: () => {
      stopped.abort();
      return killing;
    },
  };
}

async function killOn(pods: readonly RunningPod[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // Sooner than the API server hears that one is Ready; those that wait to be started again don't run.
    await delay(200);
    await Promise.allSettled(pods.map(kill));
  }
}

async function kill(pod: RunningPod): Promise<void> {
  await killContainer(await runningContainer(pod, 'webhook'));
}
