import { setTimeout as sleep } from 'node:timers/promises';
import { launch, type Contender } from './contender.ts';
import { label } from './data-set.ts';
import type { Figures } from '../row.ts';
import type { SidecarRow } from './sidecar-row.ts';
import type { Stage } from './stage.ts';

/** Memory of a sidecar that has nothing to do, and how long it takes to start and to end. */
export const idleRows: readonly SidecarRow[] = [
  { name: 'idle', roles: ['ours', 'peer'], measure: (contender, stage) => idle(contender, stage, 1) },
  { name: 'five-syncs', roles: ['ours', 'peer'], measure: (contender, stage) => idle(contender, stage, 5) },
];

// By then the watch is open and the first garbage has gone.
const settleMs = 5_000;

async function idle(contender: Contender, stage: Stage, syncs: number): Promise<Figures> {
  const { namespace: NAMESPACE } = await stage.dataSet('few');
  const specs = await Promise.all(
    Array.from({ length: syncs }, async (_, index) => ({
      // Different selectors, so that each sync has a stream of its own; every object has the label.
      LABEL: index === 0 ? label : `${label},other!=${index}`,
      NAMESPACE,
      FOLDER: await stage.newFolder(),
    })),
  );
  await using launched = await launch(contender, specs, stage);
  const ready = await launched.ready;
  await sleep(settleMs, undefined, { signal: stage.signal });
  const { residentMiB: rss, anonymousMiB: anonymous } = launched.figures();
  const stop = await launched.terminate();
  return { ready, rss, anonymous, stop };
}
