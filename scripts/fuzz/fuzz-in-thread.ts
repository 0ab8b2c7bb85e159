import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { OnProgress } from '../../test/control-plane/progress.ts';

/** What the thread gets. */
export interface FuzzJob {
  readonly seed: number;
  readonly path: string | undefined;
  /** Targets by name, with their numbers of cases. */
  readonly chosen: readonly (readonly [name: string, numRuns: number])[];
  /** The thread counts its cases here. */
  readonly counter: SharedArrayBuffer;
}

/** What the thread says. */
export type FuzzMessage =
  { readonly begun: string } | ({ readonly held: string } & FuzzShare) | ({ readonly failed: string } & Failure);

/** How many of a target's cases were accepted. */
export interface FuzzShare {
  readonly cases: number;
  readonly accepted: number;
}

interface Failure {
  readonly report: string;
  /** Of the case. */
  readonly path: string;
}

export interface FuzzOutcome {
  readonly cases: number;
  readonly held: readonly ({ readonly target: string } & FuzzShare)[];
  readonly failures: readonly ({ readonly target: string } & Failure)[];
}

// Most cases take a millisecond, the slowest some hundreds: this is no slow one.
const longestCaseMs = 60_000;
const lookMs = 500;

/** Tries targets in a thread of its own; a case that takes a minute counts as one without an end. */
export async function fuzzInThread(job: Omit<FuzzJob, 'counter'>, onProgress: OnProgress): Promise<FuzzOutcome> {
  const counter = new SharedArrayBuffer(4);
  const cases = new Int32Array(counter);
  const failures: FuzzOutcome['failures'][number][] = [];
  const held: FuzzOutcome['held'][number][] = [];
  let current = { name: '', from: 0 };
  const worker = new Worker(join(import.meta.dirname, 'worker.ts'), { workerData: { ...job, counter } });
  worker.on('message', (message: FuzzMessage) => {
    if ('begun' in message) current = { name: message.begun, from: Atomics.load(cases, 0) };
    else if ('held' in message) held.push({ target: message.held, cases: message.cases, accepted: message.accepted });
    else failures.push({ target: message.failed, report: message.report, path: message.path });
  });
  const stopLooking = watch(cases, {
    onCount: (count) => {
      if (current.name !== '') onProgress({ step: `fuzzing ${current.name}`, detail: `${count} cases` });
    },
    onStuck: () => {
      const path = String(Atomics.load(cases, 0) - current.from - 1);
      failures.push({ target: current.name, path, report: `a case has not ended after ${longestCaseMs / 1000} s` });
      void worker.terminate();
    },
  });
  try {
    await once(worker, 'exit');
  } finally {
    stopLooking();
  }
  return { cases: Atomics.load(cases, 0), held, failures };
}

function watch(cases: Int32Array, { onCount, onStuck }: { onCount: (count: number) => void; onStuck: () => void }) {
  let seen = { count: -1, looks: 0 };
  const timer = setInterval(() => {
    const count = Atomics.load(cases, 0);
    seen = count === seen.count ? { count, looks: seen.looks + 1 } : { count, looks: 0 };
    onCount(count);
    if (seen.looks * lookMs === longestCaseMs) onStuck();
  }, lookMs);
  return () => clearInterval(timer);
}
