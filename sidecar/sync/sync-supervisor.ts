import { backoffMs, sleep } from '../../shared/backoff.ts';
import { errorMessage } from '../../shared/error-message.ts';
import { reflectorBackoff } from '../../shared/kubernetes/watch-failure.ts';
import type { SyncStatus } from '../health/health.ts';
import { patienceOf } from './patience.ts';
import type { SyncOptions } from './sync-options.ts';
import { listRetriesMs, SyncRunner } from './sync-runner.ts';

/**
 * Keeps one sync running: what keeps it from running, such as a FOLDER that can't be opened, is told and tried again, and is no
 * matter of the other syncs of the process.
 */
export class SyncSupervisor {
  readonly #options: SyncOptions;
  #runner: SyncRunner | null = null;
  #failure: string | null = null;

  constructor(options: SyncOptions) {
    this.#options = options;
  }

  status(): SyncStatus {
    if (this.#runner) return this.#runner.status();
    const faults = this.#failure === null ? [] : [this.#failure];
    const { name, settings, process } = this.#options;
    return {
      name,
      complete: false,
      synced: false,
      scopes: [],
      faults,
      counts: { objects: 0, files: 0, bytes: 0, collisions: 0, faults: faults.length },
      notification: { pending: false, lastSuccess: null },
      ...patienceOf(settings, process),
    };
  }

  /** Runs the sync until `signal` ends it. METHOD=LIST ends by itself; rejects when it could not be done. */
  async run(signal: AbortSignal): Promise<void> {
    const { settings, now, random } = this.#options;
    const deadline = settings.METHOD === 'LIST' ? now() + listRetriesMs : Infinity;
    for (let failures = 1; ; failures++) {
      try {
        this.#runner = SyncRunner.open(this.#options);
        return await this.#runner.run(signal);
      } catch (error) {
        const delay = backoffMs(failures, random, reflectorBackoff);
        const mayRunAgain = settings.METHOD !== 'LIST' || !this.#runner;
        if (signal.aborted || !mayRunAgain || now() + delay > deadline) throw error;
        this.#report(error, delay);
        await sleep(delay, signal);
        if (signal.aborted) return this.#end(error);
      }
    }
  }

  #report(error: unknown, retryInMs: number): void {
    const message = errorMessage(error);
    if (message !== this.#failure) this.#options.log.error({ err: error, retryInMs }, 'the sync does not run');
    this.#failure = message;
    this.#runner = null;
  }

  /** Ended while it was waiting: what should have been done once has not been done. */
  #end(error: unknown): void {
    if (this.#options.settings.METHOD === 'LIST') throw error;
  }
}
