import { setTimeout as sleep } from 'node:timers/promises';
import type { Figures } from '../row.ts';
import { launchInCluster, type WebhookContender } from './contender.ts';
import { runLoad } from './run-load.ts';
import type { WebhookStage } from './stage.ts';
import type { WebhookRow } from './webhook-row.ts';

/** Memory of a webhook in a cluster, of which nobody asks anything, and after many reviews. */
export const memoryRow: WebhookRow = { name: 'memory', roles: ['ours', 'bound', 'peer'], measure: memory };

// By then the watches are open, and the first garbage has gone.
const settleMs = 5_000;
const half = { name: 'grafana', before: 0, count: 50_000 } as const;

async function memory(contender: WebhookContender, stage: WebhookStage): Promise<Figures> {
  await using launched = await launchInCluster(contender, stage);
  await sleep(settleMs, undefined, { signal: stage.signal });
  const idle = launched.figures().residentMiB;
  await runLoad(launched, half, stage);
  const halfway = launched.figures().residentMiB;
  await runLoad(launched, half, stage);
  const { residentMiB: after, peakMiB: peak } = launched.figures();
  return { idle, halfway, after, peak, growth: after - halfway };
}
