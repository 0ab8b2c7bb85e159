// Tries the targets in a thread of its own, so that the one that started it sees when a case has no end.
import { parentPort, workerData } from 'node:worker_threads';
import type { FuzzJob, FuzzMessage } from './fuzz-in-thread.ts';
import { runTarget } from './run-target.ts';
import { targets } from './targets.ts';

const { seed, path, counter, chosen } = workerData as FuzzJob;
const cases = new Int32Array(counter);

for (const [name, numRuns] of chosen) {
  const target = targets.find((one) => one.name === name)!;
  tell({ begun: name });
  let accepted = 0;
  const onCase = (): void => void Atomics.add(cases, 0, 1);
  const failure = await runTarget(target, { numRuns, seed, path, onCase, onAccepted: () => accepted++ });
  tell(failure ? { failed: name, ...failure } : { held: name, cases: numRuns, accepted });
}

function tell(message: FuzzMessage): void {
  parentPort?.postMessage(message);
}
