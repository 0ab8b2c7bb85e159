import { eventually } from '../eventually.ts';
import { streamPods, type PodStreamResult } from '../product/pod-stream.ts';
import { webhookPods } from './installation.ts';
import { duration, tell, tellDuration } from './tell.ts';
import { node } from './use-node.ts';

/** What became of the pods that were created while the webhook's pods were replaced. */
export interface StreamedReplacement extends PodStreamResult {
  perSecond: number;
}

export interface Replacement {
  /** For what is told: helm upgrade. */
  by: string;
  /** Resolves when the new pods are there. */
  replace: () => Promise<unknown>;
}

/** Replaces the webhook's pods. From before until the last old one is gone, and at least 200 times, pods are created that ask. */
export async function replaceUnderStream({ by, replace }: Replacement): Promise<StreamedReplacement> {
  const old = (await webhookPods()).map(({ metadata }) => metadata.uid);
  // Twice what is promised: 20 s for 200, and a replacement takes some 10 s.
  await using stream = streamPods(node, await node.createNamespace('stream'), { stored: true, perSecond: 10 });
  const startedAt = performance.now();
  await tellDuration(by, replace);
  // Those that end are there as long as they answer.
  const oldAreGone = async (): Promise<boolean> => {
    return (await webhookPods()).every(({ metadata }) => !old.includes(metadata.uid));
  };
  await eventually(oldAreGone, { timeoutMs: 60_000, intervalMs: 200 });
  await eventually(() => answered(stream.result) >= 200, { timeoutMs: 60_000 });
  const result = await stream.stop();
  const perSecond = (answered(result) * 1000) / (performance.now() - startedAt);
  tell(`pods created during ${by}: ${describe(result)}, ${perSecond.toFixed(1)} a second`);
  return { ...result, perSecond };
}

function answered({ injected, failures }: PodStreamResult): number {
  return injected + failures.length;
}

function describe(result: PodStreamResult): string {
  const { failures, slowestMs } = result;
  const lost = `${failures.length} refused or without the sidecar`;
  return `${answered(result)}, ${lost}, slowest admission ${duration(slowestMs)} at most`;
}
