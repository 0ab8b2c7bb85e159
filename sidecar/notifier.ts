import type { Logger } from '../shared/log.ts';

/** One way to tell the application that files have changed. */
export interface Channel {
  readonly name: 'SCRIPT' | 'REQ_URL';
  /** Delivers once; rejects when the application did not take it. Bounded in time by itself. */
  deliver(signal: AbortSignal): Promise<void>;
}

/** When to notify and when to try again; times in milliseconds. */
export interface NotifierPace {
  readonly quiet: number;
  readonly maxWait: number;
  readonly quickRetries: number;
  readonly backoffFactor: number;
  readonly slowRetry: number;
}

export interface NotifierOptions {
  /** In the order in which they are tried. */
  readonly channels: readonly Channel[];
  readonly pace: NotifierPace;
  readonly log: Logger;
  readonly now: () => number;
  /** Called when everything that was changed before has been notified. */
  readonly onSettled: () => void;
}

/**
 * Notifies the application of changes: at least once after the last change of a burst, retried until it succeeds or a newer change
 * replaces it. A channel that has succeeded isn't called again because another one fails.
 */
export class Notifier {
  readonly #options: NotifierOptions;
  #firstChange: number | null = null;
  #lastChange = 0;
  #pending = false;
  #wake: (() => void) | null = null;

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** Says that files have changed. */
  changed(): void {
    this.#pending = true;
    this.#lastChange = this.#options.now();
    this.#firstChange ??= this.#lastChange;
    this.#wake?.();
  }

  /** Notifies until `signal` ends it. */
  async run(signal: AbortSignal): Promise<void> {
    while (await this.#burstIsOver(signal)) {
      if (await this.#deliver(signal)) this.#settle();
    }
  }

  /**
   * Delivers what is pending without waiting for a burst to end, with the quick retries only: the end of METHOD=LIST and of the
   * process. Answers whether every channel took it.
   */
  async flush(signal: AbortSignal, channels = this.#options.channels): Promise<boolean> {
    if (!this.#pending) return true;
    this.#firstChange = null;
    const delivered = await this.#deliverQuickly(channels, signal);
    if (delivered) this.#settle();
    return delivered;
  }

  #settle(): void {
    if (this.#firstChange !== null) return;
    this.#pending = false;
    this.#options.onSettled();
  }

  /** Waits for a change and then for the end of its burst; false when the signal came first. */
  async #burstIsOver(signal: AbortSignal): Promise<boolean> {
    const { pace, now } = this.#options;
    while (!signal.aborted) {
      if (this.#firstChange === null) {
        await this.#pause(Infinity, signal);
        continue;
      }
      const due = Math.min(this.#lastChange + pace.quiet, this.#firstChange + pace.maxWait);
      if (due <= now()) {
        this.#firstChange = null;
        return true;
      }
      await this.#pause(due - now(), signal, { untilChange: false });
    }
    return false;
  }

  /** Tries the channels until all have succeeded (true), a newer change is due or the signal comes (false). */
  async #deliver(signal: AbortSignal): Promise<boolean> {
    let left = this.#options.channels;
    for (let attempt = 0; left.length > 0; attempt++) {
      left = await this.#attempt(left, attempt, signal);
      if (left.length === 0) return true;
      if (signal.aborted || this.#firstChange !== null) return false;
      await this.#pause(this.#retryDelay(attempt), signal);
      if (signal.aborted || this.#firstChange !== null) return false;
    }
    return true;
  }

  async #deliverQuickly(channels: readonly Channel[], signal: AbortSignal): Promise<boolean> {
    let left = channels;
    for (let attempt = 0; left.length > 0 && attempt <= this.#options.pace.quickRetries; attempt++) {
      if (attempt > 0) await this.#pause(this.#retryDelay(attempt - 1), signal, { untilChange: false });
      if (signal.aborted) return false;
      left = await this.#attempt(left, attempt, signal);
    }
    return left.length === 0;
  }

  /** Calls each channel once; answers those that failed. */
  async #attempt(channels: readonly Channel[], attempt: number, signal: AbortSignal): Promise<Channel[]> {
    const failed: Channel[] = [];
    for (const channel of channels) {
      try {
        await channel.deliver(signal);
        this.#options.log.info({ channel: channel.name, attempt: attempt + 1 }, 'application notified');
      } catch (error) {
        failed.push(channel);
        if (!signal.aborted) this.#reportFailure(channel, attempt, error);
      }
    }
    return failed;
  }

  #reportFailure({ name }: Channel, attempt: number, err: unknown): void {
    const retryInMs = this.#retryDelay(attempt);
    this.#options.log.error({ channel: name, attempt: attempt + 1, retryInMs, err }, 'notification failed');
  }

  /** The first quick retry comes at once, the n-th after factor × 2^(n-1) seconds, as urllib3 does for kiwigrid/k8s-sidecar. */
  #retryDelay(attempt: number): number {
    const { quickRetries, backoffFactor, slowRetry } = this.#options.pace;
    if (attempt >= quickRetries) return slowRetry;
    return attempt === 0 ? 0 : Math.min(backoffFactor * 1000 * 2 ** attempt, slowRetry);
  }

  #pause(ms: number, signal: AbortSignal, { untilChange = true } = {}): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', finish);
        this.#wake = null;
        resolve();
      };
      const timer = Number.isFinite(ms) ? setTimeout(finish, ms) : undefined;
      signal.addEventListener('abort', finish);
      if (untilChange) this.#wake = finish;
      if (signal.aborted) finish();
    });
  }
}
