import { join } from 'node:path';
import { bundle } from '../../bundle.ts';
import { burstRow } from './burst-row.ts';
import { changeRows } from './change-rows.ts';
import type { Contender } from './contender.ts';
import { idleRows } from './idle-rows.ts';
import { kiwigridReference } from './kiwigrid-reference.ts';
import { listRows } from './list-rows.ts';
import { ownName, type SuiteResult } from '../metric.ts';
import { quietRows } from './quiet-rows.ts';

import { prepareOurProgram, type OurProgram } from '../our-program.ts';
import { runRows } from '../run-rows.ts';
import type { SidecarRow } from './sidecar-row.ts';
import { sidecarCharted, sidecarMetrics } from './sidecar-metrics.ts';
import { prepareStage } from './stage.ts';
import type { Suite, SuiteOptions } from '../suite.ts';

const rows: readonly SidecarRow[] = [...idleRows, ...listRows, ...changeRows, burstRow, ...quietRows];

const loopName = 'plain loop';

/** `npm run bench sidecar`. */
export const sidecarSuite: Suite = {
  name: 'sidecar',
  rows: rows.map(({ name }) => name),
  // Two figures have no middle one.
  rounds: 3,
  boundName: loopName,
  metrics: sidecarMetrics,
  charted: sidecarCharted,
  references: [kiwigridReference],
  run,
};

async function run(options: SuiteOptions): Promise<SuiteResult> {
  await using stack = new AsyncDisposableStack();
  const stage = await prepareStage(options, stack);
  options.onProgress({ step: 'building the programs' });
  const ours = await prepareOurProgram('sidecar', stage.folder, options.nodePath);
  const contenders = await enter(ours, options, stage.folder);
  const chosen = rows.filter(({ name }) => options.rows.length === 0 || options.rows.includes(name));
  const figures = await runRows({ ...options, stage, contenders, rows: chosen });
  return {
    suite: 'sidecar',
    ...options.facts,
    rounds: options.rounds,
    kubernetes: stage.kubernetesVersion,
    runtime: ours.runtime,
    subjects: contenders.map(({ name, role }) => ({ name, role })),
    figures,
  };
}

/** The loop is built by the same bundler as ours, so that neither is measured with what development needs. */
async function enter(ours: OurProgram, { nodePath, peers }: SuiteOptions, folder: string): Promise<Contender[]> {
  const outdir = join(folder, 'loop');
  await bundle({ entryPoints: { loop: 'plain-loop.ts' }, lazy: [], root: import.meta.dirname, outdir, version: '' });
  return [
    { name: ownName, role: 'ours', command: ours.command, manySyncs: 'one process' },
    { name: loopName, role: 'bound', command: `${nodePath} ${join(outdir, 'loop.cjs')}`, manySyncs: 'a process each' },
    ...peers.map((peer) => ({ ...peer, role: 'peer' as const, manySyncs: 'a process each' as const })),
  ];
}
