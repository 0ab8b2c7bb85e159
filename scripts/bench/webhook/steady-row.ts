import type { Figures } from '../row.ts';
import { launchAlone, type WebhookContender } from './contender.ts';
import { runLoad } from './run-load.ts';
import type { WebhookStage } from './stage.ts';
import type { WebhookRow } from './webhook-row.ts';

/** How long a review takes where there is a core that is mostly idle: a rollout of a large cluster, say. */
export const steadyRow: WebhookRow = { name: 'steady', roles: ['ours', 'bound', 'peer'], measure: steady };

// Fifty of them are slower than the 99th percentile.
const load = { name: 'grafana', before: 10_000, count: 5_000, perSecond: 500 } as const;

async function steady(contender: WebhookContender, stage: WebhookStage): Promise<Figures> {
  await using launched = await launchAlone(contender, stage);
  await launched.review(load.name);
  const { p50, p99 } = await runLoad(launched, load, stage);
  return { p50, p99 };
}
