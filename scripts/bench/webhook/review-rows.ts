import type { Figures } from '../row.ts';
import { launchAlone, type WebhookContender } from './contender.ts';
import type { ReviewName } from './review-fixture.ts';
import { runLoad } from './run-load.ts';
import type { WebhookStage } from './stage.ts';
import type { WebhookRow } from './webhook-row.ts';

/** How many reviews a core gives, and what each of them costs. */
export const reviewRows: readonly WebhookRow[] = [
  reviewRow('grafana', { before: 10_000, count: 10_000 }),
  reviewRow('large', { before: 2_000, count: 2_000 }),
  reviewRow('unasked', { before: 10_000, count: 10_000 }),
];

interface Counts {
  /** Until V8 has compiled what is hot. */
  readonly before: number;
  /** A second's worth and more: CPU time is known to 10 ms. */
  readonly count: number;
}

function reviewRow(name: ReviewName, counts: Counts): WebhookRow {
  const measure = async (contender: WebhookContender, stage: WebhookStage): Promise<Figures> => {
    await using launched = await launchAlone(contender, stage);
    await launched.review(name);
    const { took, cpu } = await runLoad(launched, { name, ...counts }, stage);
    return { rate: counts.count / (took / 1000), cpu: cpu / counts.count };
  };
  return { name, roles: ['ours', 'bound', 'peer'], measure };
}
