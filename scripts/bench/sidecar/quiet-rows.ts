import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../../test/eventually.ts';
import { watchReads } from './access-times.ts';
import { launch, type Contender } from './contender.ts';
import { startCountingProxy } from './counting-proxy.ts';
import { label } from './data-set.ts';
import type { Figures } from '../row.ts';
import type { SidecarRow } from './sidecar-row.ts';
import type { Stage } from './stage.ts';

/** What a sidecar costs while nothing changes, and when its connection is cut. */
export const quietRows: readonly SidecarRow[] = [
  { name: 'reconnect', roles: ['ours', 'peer'], measure: reconnect },
  // Two minutes of nothing: all of it at once.
  { name: 'quiet', roles: ['ours', 'peer'], together: true, measure: quiet },
];

// By then a first watch that sends everything again has ended.
const settleMs = 5_000;
// Two ends of watches that last for a minute, which is the default of both.
const quietMs = 130_000;

async function quiet(contender: Contender, stage: Stage): Promise<Figures> {
  await using stack = new AsyncDisposableStack();
  const { launched, proxy } = await start(contender, stage, stack);
  const [bytes, { cpuMs }] = [proxy.received, launched.figures()];
  await sleep(quietMs, undefined, { signal: stage.signal });
  return { bytes: (proxy.received - bytes) / 1e6, cpu: launched.figures().cpuMs - cpuMs };
}

async function reconnect(contender: Contender, stage: Stage): Promise<Figures> {
  await using stack = new AsyncDisposableStack();
  const { proxy, folder, bytesPerObject } = await start(contender, stage, stack);
  const filesRead = await watchReads(folder, stage.folder);
  const { received, connections } = proxy;
  proxy.cut();
  // Some pause before they connect again.
  await eventually(() => proxy.connections > connections, { timeoutMs: 60_000, signal: stage.signal });
  await sleep(settleMs, undefined, { signal: stage.signal });
  // Whole objects: what TLS and HTTP say besides is less than one.
  return { objects: Math.floor((proxy.received - received) / bytesPerObject), files: filesRead() };
}

async function start(contender: Contender, stage: Stage, stack: AsyncDisposableStack) {
  const { namespace: NAMESPACE, count } = await stage.dataSet('thousand');
  const folder = await stage.newFolder();
  const proxy = stack.use(await startCountingProxy(stage.apiPort));
  const sync = { LABEL: label, NAMESPACE, FOLDER: folder };
  const launched = stack.use(await launch(contender, [sync], { ...stage, apiPort: proxy.port }));
  await launched.ready;
  // The first list: every object once.
  const bytesPerObject = proxy.received / count;
  await sleep(settleMs, undefined, { signal: stage.signal });
  return { launched, proxy, folder, bytesPerObject };
}
