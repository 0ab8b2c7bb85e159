import { backoffMs, sleep } from '../../shared/backoff.ts';
import { reflectorBackoff } from '../../shared/kubernetes/watch-failure.ts';
import type { Logger } from '../../shared/log/log.ts';
import type { Sync } from './sync.ts';
import type { Trigger } from '../trigger.ts';

export interface RepairsOptions {
  readonly sync: Pick<Sync, 'repair' | 'settled'>;
  /** Pulled when there is something to repair. */
  readonly repairNeeded: Trigger;
  readonly fetch: (key: string, signal: AbortSignal) => ReturnType<Parameters<Sync['repair']>[0]>;
  /** Called after each try; answers false when something is left that only another try can mend. */
  readonly onRepaired: () => boolean;
  readonly log: Logger;
  readonly random: () => number;
}

// What only a person can mend is looked at again so seldom that it costs the API server nothing.
const lastingFaultsRetryMs = 300_000;

/** Tries again what a sync could not write or remove. */
export class Repairs {
  readonly #options: RepairsOptions;

  constructor(options: RepairsOptions) {
    this.#options = options;
  }

  /** Repairs until `signal` ends it, less and less often as long as anything is left. */
  async run(signal: AbortSignal): Promise<void> {
    const { sync, repairNeeded, random } = this.#options;
    let failures = 0;
    let untilNext = Infinity;
    while (!signal.aborted) {
      // What has to be fetched is fetched at once; what has failed waits.
      if (failures > 0) await sleep(backoffMs(failures, random, reflectorBackoff), signal);
      else await repairNeeded.pulled(signal, untilNext);
      if (signal.aborted) return;
      repairNeeded.reset();
      const done = await this.once(signal);
      // Once settled, nothing is left but what somebody else has to mend first.
      failures = done || sync.settled ? 0 : failures + 1;
      untilNext = done ? Infinity : lastingFaultsRetryMs;
    }
  }

  /** Answers whether nothing is left to repair. */
  async once(signal: AbortSignal): Promise<boolean> {
    const { sync, fetch, onRepaired, log } = this.#options;
    try {
      const repaired = await sync.repair((key) => fetch(key, signal), signal);
      return onRepaired() && repaired;
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, 'repair failed');
      return false;
    }
  }
}
