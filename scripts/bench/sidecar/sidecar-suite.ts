import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { copyProgram, readRuntime, type Runtime } from '../../../test/product/program.ts';
import { buildPrograms } from '../../build-programs.ts';
import { bundle } from '../../bundle.ts';
import type { Peer } from '../arguments.ts';
import { burstRow } from './burst-row.ts';
import { changeRows } from './change-rows.ts';
import type { Contender } from './contender.ts';
import { idleRows } from './idle-rows.ts';
import { kiwigridReference } from './kiwigrid-reference.ts';
import { listRows } from './list-rows.ts';
import { ownName, type SuiteResult } from '../metric.ts';
import { quietRows } from './quiet-rows.ts';

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
  options.onProgress({ step: 'building the programs' });
  await buildPrograms();
  const stage = await prepareStage(options, stack);
  const contenders = await enter(options.peers, options, stage.folder);
  const chosen = rows.filter(({ name }) => options.rows.length === 0 || options.rows.includes(name));
  const figures = await runRows({ ...options, stage, contenders, rows: chosen });
  const runtime = shellParts(await readRuntime('sidecar'));
  return {
    suite: 'sidecar',
    ...options.facts,
    rounds: options.rounds,
    kubernetes: stage.kubernetesVersion,
    runtime: `${runtime.env} ${runtime.flags}`.trim(),
    subjects: contenders.map(({ name, role }) => ({ name, role })),
    figures,
  };
}

/** Ours as its image has it; the loop by the same bundler, so that neither is measured with what development needs. */
async function enter(peers: readonly Peer[], { nodePath }: SuiteOptions, folder: string): Promise<Contender[]> {
  const home = join(folder, 'programs');
  await mkdir(home);
  const program = await copyProgram('sidecar', home);
  const { env, flags } = shellParts(await readRuntime('sidecar'));
  const outdir = join(folder, 'loop');
  await bundle({ entryPoints: { loop: 'plain-loop.ts' }, lazy: [], root: import.meta.dirname, outdir, version: '' });
  return [
    { name: ownName, role: 'ours', command: `env ${env} ${nodePath} ${flags} ${program}`, manySyncs: 'one process' },
    { name: loopName, role: 'bound', command: `${nodePath} ${join(outdir, 'loop.cjs')}`, manySyncs: 'a process each' },
    ...peers.map((peer) => ({ ...peer, role: 'peer' as const, manySyncs: 'a process each' as const })),
  ];
}

function shellParts({ env, flags }: Runtime): Record<keyof Runtime, string> {
  const assignments = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return { env: assignments.join(' '), flags: flags.join(' ') };
}
