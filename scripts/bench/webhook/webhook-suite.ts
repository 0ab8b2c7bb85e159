import { join } from 'node:path';
import { bundle } from '../../bundle.ts';
import { ownName, type SuiteResult } from '../metric.ts';
import { prepareOurProgram, type OurProgram } from '../our-program.ts';
import { runRows } from '../run-rows.ts';
import type { Suite, SuiteOptions } from '../suite.ts';
import type { WebhookContender } from './contender.ts';
import { memoryRow } from './memory-row.ts';
import { references } from './references.ts';
import { reviewRows } from './review-rows.ts';
import { prepareStage } from './stage.ts';
import { startRow } from './start-row.ts';
import { steadyRow } from './steady-row.ts';
import { webhookCharted, webhookMetrics } from './webhook-metrics.ts';
import type { WebhookRow } from './webhook-row.ts';

/** The last two start a control plane, which the others are measured without. */
const rows: readonly WebhookRow[] = [...reviewRows, steadyRow, memoryRow, startRow];
const boundName = 'bare responder';

/** `npm run bench webhook`. */
export const webhookSuite: Suite = {
  name: 'webhook',
  rows: rows.map(({ name }) => name),
  // More than the sidecar's: its figures are milliseconds, and noise is a larger part of them.
  rounds: 5,
  boundName,
  metrics: webhookMetrics,
  charted: webhookCharted,
  references,
  run,
};

async function run(options: SuiteOptions): Promise<SuiteResult> {
  await using stack = new AsyncDisposableStack();
  const stage = await prepareStage(options, stack);
  options.onProgress({ step: 'building the programs' });
  const ours = await prepareOurProgram('webhook', stage.folder, options.nodePath);
  const contenders = await enter(ours, options, stage.folder);
  const chosen = rows.filter(({ name }) => options.rows.length === 0 || options.rows.includes(name));
  const figures = await runRows({ ...options, stage, contenders, rows: chosen });
  return {
    suite: 'webhook',
    ...options.facts,
    rounds: options.rounds,
    kubernetes: await stage.kubernetesVersion(),
    runtime: ours.runtime,
    subjects: contenders.map(({ name, role }) => ({ name, role })),
    figures,
  };
}

/** The bare responder is built by the same bundler as ours and run by Node in the same way. */
async function enter(ours: OurProgram, options: SuiteOptions, folder: string): Promise<WebhookContender[]> {
  const outdir = join(folder, 'bare');
  const entryPoints = { bare: 'bare-responder.ts' };
  await bundle({ entryPoints, lazy: [], root: import.meta.dirname, outdir, version: '' });
  return [
    { name: ownName, role: 'ours', command: ours.command },
    { name: boundName, role: 'bound', command: ours.commandOf(join(outdir, 'bare.cjs')) },
    ...options.peers.map((peer) => ({ ...peer, role: 'peer' as const })),
  ];
}
