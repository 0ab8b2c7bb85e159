import { eventually } from '../../../test/eventually.ts';
import { launch, type Contender } from './contender.ts';
import { dashboard, inParallel, label } from './data-set.ts';
import { countFiles, watchFolder } from './folder-watch.ts';
import { startNotificationTarget, type NotificationTarget } from './notification-target.ts';
import type { Figures } from '../row.ts';
import type { SidecarRow } from './sidecar-row.ts';
import type { Stage } from './stage.ts';

/** Many objects at once, as after an installation, while every notification takes its time. */
export const burstRow: SidecarRow = { name: 'burst', roles: ['ours', 'peer'], measure: burst };

const objects = Array.from({ length: 300 }, (_, index) => dashboard(`new-${index}`, 1024));

async function burst(contender: Contender, stage: Stage): Promise<Figures> {
  const dataSet = await stage.dataSet('burst');
  const FOLDER = await stage.newFolder();
  await using target = await startNotificationTarget();
  const sync = { LABEL: label, NAMESPACE: dataSet.namespace, FOLDER, REQ_URL: target.url };
  await using launched = await launch(contender, [sync], stage);
  await launched.ready;
  // The notification of the first sync is not of the burst.
  await untilQuiet(target, 2_000, stage.signal);
  target.answerAfterMs = 50;
  const before = target.requests;
  using folder = watchFolder(FOLDER);
  try {
    await inParallel(objects, (object) => dataSet.objects.create(object));
    const createdAt = performance.now();
    const lastFileAt = await folder.until(() => countFiles(FOLDER) >= dataSet.count + objects.length, 120_000);
    if (lastFileAt === undefined) throw new Error(`${countFiles(FOLDER)} files after two minutes`);
    // Longer than ours waits for the end of a burst (NOTIFY_MAX_WAIT, 5 s).
    await untilQuiet(target, 6_000, stage.signal);
    return { 'last-file': Math.max(0, lastFileAt - createdAt) / 1000, requests: target.requests - before };
  } finally {
    await inParallel(objects, (object) => dataSet.objects.remove(object));
  }
}

async function untilQuiet(target: NotificationTarget, quietMs: number, signal: AbortSignal): Promise<void> {
  const since = performance.now();
  const isQuiet = (): boolean => performance.now() - Math.max(since, target.lastAt) >= quietMs;
  await eventually(isQuiet, { timeoutMs: 120_000, signal });
}
