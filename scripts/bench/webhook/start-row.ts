import { readFile } from 'node:fs/promises';
import type { Figures } from '../row.ts';
import { launchInCluster, type WebhookContender } from './contender.ts';
import { connectTo } from './kept-connection.ts';
import type { WebhookStage } from './stage.ts';
import type { WebhookRow } from './webhook-row.ts';

/** A replica that is started while its CA is in place already, and its first review. */
export const startRow: WebhookRow = { name: 'start', roles: ['ours', 'bound', 'peer'], measure: start };

async function start(contender: WebhookContender, stage: WebhookStage): Promise<Figures> {
  await using launched = await launchInCluster(contender, stage);
  const { cpuMs: cpu } = launched.figures();
  const body = await readFile(stage.bodies.grafana);
  const connectAt = performance.now();
  using connection = await connectTo(launched.port, body);
  const sentAt = performance.now();
  await connection.post();
  const answeredAt = performance.now();
  await launched.review('grafana');
  return { ready: launched.readyMs / 1000, cpu, connect: sentAt - connectAt, first: answeredAt - sentAt };
}
