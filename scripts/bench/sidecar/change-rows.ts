import { setTimeout as sleep } from 'node:timers/promises';
import { launch, type Contender } from './contender.ts';
import { dashboard, label, type DataSet } from './data-set.ts';
import { hasContent, watchFolder, type FolderWatch } from './folder-watch.ts';
import { startNotificationTarget } from './notification-target.ts';
import type { Figures } from '../row.ts';
import { longestChangeMs } from './sidecar-metrics.ts';
import type { SidecarRow } from './sidecar-row.ts';
import type { Stage } from './stage.ts';
import { percentile } from '../statistics.ts';

/** From the moment at which a change is sent to the API server until its file is there. */
export const changeRows: readonly SidecarRow[] = [
  { name: 'change', roles: ['ours', 'peer'], measure: (...given) => change(...given, { changes: 200, hangs: false }) },
  {
    name: 'change-hanging',
    roles: ['ours', 'peer'],
    measure: async (...given) => {
      const { p50, p99 } = await change(...given, { changes: 100, hangs: true });
      return { p50, p99 };
    },
  },
];

interface ChangeOptions {
  /** So many that the 99th of a hundred is not just the worst. */
  readonly changes: number;
  /** Whether the application takes notifications and never answers. */
  readonly hangs: boolean;
}

type ChangeFigures = Figures & Record<'answer' | 'p50' | 'p99', number>;

async function change(contender: Contender, stage: Stage, options: ChangeOptions): Promise<ChangeFigures> {
  const dataSet = await stage.dataSet('change');
  const FOLDER = await stage.newFolder();
  await using target = await startNotificationTarget();
  const sync = { LABEL: label, NAMESPACE: dataSet.namespace, FOLDER, REQ_URL: target.url };
  await using launched = await launch(contender, [sync], stage);
  await launched.ready;
  if (options.hangs) target.answerAfterMs = Infinity;
  using folder = watchFolder(FOLDER);
  const seen = await makeChanges(options.changes, { dataSet, folder, FOLDER, signal: stage.signal });
  // Those after one that did not come in time would have waited as well.
  const times = Array.from({ length: options.changes }, (_, index) => seen[index]?.file ?? longestChangeMs);
  return {
    answer: percentile(
      seen.map(({ answer }) => answer),
      50,
    ),
    p50: percentile(times, 50),
    p99: percentile(times, 99),
  };
}

interface ChangeScene {
  readonly dataSet: DataSet;
  readonly folder: FolderWatch;
  readonly FOLDER: string;
  readonly signal: AbortSignal;
}

interface Seen {
  /** Milliseconds until the API server had answered. */
  readonly answer: number;
  /** Milliseconds until the file was there; undefined: not in time. */
  readonly file: number | undefined;
}

async function makeChanges(count: number, scene: ChangeScene): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (let made = 0; made < count && seen.every(({ file }) => file !== undefined); made += 1) {
    // Different pauses, so that no timer of the program falls into step with them; as long as a change takes, or longer.
    await sleep(10 + 20 * Math.random(), undefined, { signal: scene.signal });
    seen.push(await makeChange(scene));
  }
  return seen;
}

async function makeChange({ dataSet, folder, FOLDER }: ChangeScene): Promise<Seen> {
  // No two contents are the same, also between contenders.
  const object = dashboard('change-0', 1024, performance.now());
  const [[name, content] = ['', '']] = Object.entries(object.data ?? {});
  const sentAt = performance.now();
  const answered = dataSet.objects.replace(object).then(() => performance.now() - sentAt);
  const [answer, fileAt] = await Promise.all([
    answered,
    folder.until(() => hasContent(FOLDER, name, content), longestChangeMs),
  ]);
  return { answer, file: fileAt === undefined ? undefined : fileAt - sentAt };
}
