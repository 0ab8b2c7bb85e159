import { setTimeout as sleep } from 'node:timers/promises';
import { launch, type Contender, type Launched } from './contender.ts';
import { label } from './data-set.ts';
import { countFiles } from './folder-watch.ts';
import type { Figures } from '../row.ts';
import type { SidecarRow } from './sidecar-row.ts';
import type { DataSetName, Stage } from './stage.ts';

/** The first sync of many objects: time, memory at its highest, and CPU; and the same by a plain loop. */
export const listRows: readonly SidecarRow[] = [
  { name: 'list-1000', roles: ['ours', 'bound', 'peer'], measure: (...given) => list(...given, 'thousand') },
  { name: 'list-3000', roles: ['ours', 'bound', 'peer'], measure: (...given) => list(...given, 'three-thousand') },
];

// A watch that begins without a resourceVersion sends everything a second time: that belongs to the peak.
const firstWatchMs = 5_000;

async function list(contender: Contender, stage: Stage, name: DataSetName): Promise<Figures> {
  const { namespace: NAMESPACE, count } = await stage.dataSet(name);
  const FOLDER = await stage.newFolder();
  await using launched = await launch(contender, [{ LABEL: label, NAMESPACE, FOLDER }], stage);
  using anonymous = watchAnonymous(launched);
  const ready = await launched.ready;
  const { cpuMs } = launched.figures();
  const files = countFiles(FOLDER);
  if (files !== count) throw new Error(`${contender.name} said that it is ready with ${files} of ${count} files`);
  await sleep(firstWatchMs, undefined, { signal: stage.signal });
  return {
    ready: ready / 1000,
    peak: launched.figures().peakMiB,
    anonymous: anonymous.highestMiB(),
    cpu: cpuMs / 1000,
  };
}

/** The kernel keeps no highest RssAnon, so it is looked at again and again. */
function watchAnonymous(launched: Launched): Disposable & { highestMiB: () => number } {
  let highest = 0;
  const look = (): void => {
    try {
      highest = Math.max(highest, launched.figures().anonymousMiB);
    } catch {
      // It has ended: whoever waits for it says why.
    }
  };
  // Far shorter than the list, and a look costs a twentieth of a millisecond.
  const timer = setInterval(look, 10);
  return {
    highestMiB: () => {
      look();
      return highest;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
