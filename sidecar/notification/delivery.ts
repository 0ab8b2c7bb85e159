import type { Channel } from './channel.ts';
import { CollectedChanges, type FileChanges } from '../files/file-changes.ts';
import { QuickRetries, type RetrySettings } from '../http/quick-retries.ts';

export interface RetryPace {
  readonly retries: RetrySettings;
  /** Milliseconds between two tries once the quick retries are used up. */
  readonly slowRetry: number;
}

/** What one channel has not been told yet, and when it is tried next. */
export class Delivery {
  readonly channel: Channel;
  readonly #pace: RetryPace;
  #untold: CollectedChanges | null = null;
  /** What the call under way tells. */
  #beingTold: CollectedChanges | null = null;
  #retries: QuickRetries;
  #due = 0;
  #tries = 0;
  #usedUp = false;
  #isDown = false;

  constructor(channel: Channel, pace: RetryPace) {
    this.channel = channel;
    this.#pace = pace;
    this.#retries = new QuickRetries(pace.retries);
  }

  get isPending(): boolean {
    return this.#untold !== null || this.#beingTold !== null;
  }

  /** When it is to be tried next. */
  get due(): number {
    return this.#due;
  }

  /** How often it has been tried with what it has to tell now. */
  get tries(): number {
    return this.#tries;
  }

  /** Whether the quick retries are used up. */
  get usedUp(): boolean {
    return this.#usedUp;
  }

  /** Whether the quick retries were used up, for these changes or earlier ones, and it has not succeeded since. */
  get isDown(): boolean {
    return this.#isDown;
  }

  /** Gives it more to tell. What it could not tell before goes with it. */
  add(changes: FileChanges, now: number): void {
    this.#untold ??= new CollectedChanges();
    this.#untold.add(changes);
    this.hurry(now);
  }

  /** Has it tried at once, with all quick retries anew. */
  hurry(now: number): void {
    this.#retries = new QuickRetries(this.#pace.retries);
    this.#due = now;
    this.#tries = 0;
    this.#usedUp = false;
  }

  /** Calls the channel once; answers the error, or null when it succeeded. */
  async try(signal: AbortSignal, now: () => number): Promise<{ readonly error: unknown } | null> {
    this.#tries++;
    const changes = this.#untold ?? new CollectedChanges();
    [this.#beingTold, this.#untold] = [changes, null];
    try {
      await this.channel.deliver(signal, changes.sum);
    } catch (error) {
      this.#takeBack(changes);
      this.#tryLater(error, now());
      return { error };
    } finally {
      this.#beingTold = null;
    }
    this.#isDown = false;
    return null;
  }

  /** What came during the call is later than what the call told. */
  #takeBack(changes: CollectedChanges): void {
    if (this.#untold) changes.add(this.#untold.sum);
    this.#untold = changes;
  }

  #tryLater(error: unknown, now: number): void {
    const pause = this.#usedUp ? null : this.#retries.next(error);
    this.#usedUp = pause === null;
    this.#isDown ||= this.#usedUp;
    // The pauses of many quick retries grow without end.
    this.#due = now + Math.min(pause ?? Infinity, this.#pace.slowRetry);
  }
}
