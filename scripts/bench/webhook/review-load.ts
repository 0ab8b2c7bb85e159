/** A process that sends reviews over TLS connections that are kept, and prints what they took. */
import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { processFigures } from '../process-figures.ts';
import { percentile } from '../statistics.ts';
import { connectTo, type KeptConnection } from './kept-connection.ts';

/** What is sent: as many as the connections carry, or so many a second. */
export interface ReviewLoad {
  readonly port: number;
  /** Of the server: its CPU time is looked at from here, when exactly what is counted begins and ends. */
  readonly pid: number;
  readonly bodyFile: string;
  readonly connections: number;
  /** Reviews before those that count, as many as the connections carry. */
  readonly before: number;
  readonly count: number;
  readonly perSecond?: number;
}

/** Milliseconds. */
export interface LoadResult {
  /** From the first review to the last answer. */
  readonly took: number;
  /** CPU time of the server meanwhile. */
  readonly cpu: number;
  /** From the moment at which a review was due to its answer. */
  readonly p50: number;
  readonly p99: number;
}

process.stdout.write(JSON.stringify(await send(JSON.parse(process.argv[2] ?? '{}') as ReviewLoad)));

async function send({ port, pid, bodyFile, connections, before, ...load }: ReviewLoad): Promise<LoadResult> {
  const body = readFileSync(bodyFile);
  const open = await Promise.all(Array.from({ length: connections }, () => connectTo(port, body)));
  await sendOver(open, { count: before });
  const [startedAt, { cpuMs }] = [performance.now(), processFigures(pid)];
  const taken = await sendOver(open, load);
  const [took, cpu] = [performance.now() - startedAt, processFigures(pid).cpuMs - cpuMs];
  for (const connection of open) connection[Symbol.dispose]();
  return { took, cpu, p50: percentile(taken, 50), p99: percentile(taken, 99) };
}

/** Each connection sends the next review that is due when it has its answer. Resolves with the milliseconds that each took. */
async function sendOver(
  open: readonly KeptConnection[],
  { count, perSecond = Infinity }: Pick<ReviewLoad, 'count' | 'perSecond'>,
): Promise<number[]> {
  const startedAt = performance.now();
  const taken: number[] = [];
  let next = 0;
  const overOne = async (connection: KeptConnection): Promise<void> => {
    while (next < count) {
      const due = startedAt + (next++ * 1000) / perSecond;
      const from = perSecond === Infinity ? performance.now() : await until(due);
      await connection.post();
      taken.push(performance.now() - from);
    }
  };
  await Promise.all(open.map(overOne));
  return taken;
}

/** A timer would come up to a millisecond late, which is more than most answers take; this core has nothing else to do. */
async function until(due: number): Promise<number> {
  while (performance.now() < due) await turn();
  return due;
}
