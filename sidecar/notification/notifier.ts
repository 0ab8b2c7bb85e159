import { errorMessage } from '../../shared/error-message.ts';
import type { Logger } from '../../shared/log/log.ts';
import type { Channel } from './channel.ts';
import { Delivery, type RetryPace } from './delivery.ts';
import { CollectedChanges, type FileChanges } from '../files/file-changes.ts';
import type { Meter } from '../health/meter.ts';
import { Trigger } from '../trigger.ts';

/** When to notify and when to try again; times in milliseconds. */
export interface NotifierPace extends RetryPace {
  /** One notification for each change; otherwise one for each burst. */
  readonly perEvent: boolean;
  /** A burst is over after this time without a change, */
  readonly quiet: number;
  /** or at the latest after this time. */
  readonly maxWait: number;
  /** How long is still tried at the end. */
  readonly shutdown: number;
}

export interface NotifierOptions {
  /** Of the sync, for metrics. */
  readonly name: string;
  /** In the order in which they are called. */
  readonly channels: readonly Channel[];
  readonly pace: NotifierPace;
  readonly log: Logger;
  readonly meter: Meter;
  readonly now: () => number;
  /** Called when everything that was changed before has been told. */
  readonly onSettled: () => void;
}

/** Changes that are told together. */
interface Burst {
  readonly changes: CollectedChanges;
  readonly began: number;
  latest: number;
}

// With one notification for each change. Who is so far behind gains nothing by hearing of each one, and they take memory.
const maxWaiting = 300;

/**
 * Notifies the application of changes: at least once after the last change of a burst, retried until it succeeds or a newer change
 * replaces it, which then tells of both. One call at a time, so that REQ_URL is never called while SCRIPT runs. A channel that
 * has succeeded isn't called again because another one fails.
 */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #deliveries: readonly Delivery[];
  readonly #bursts: Burst[] = [];
  readonly #news = new Trigger();
  #pending = false;
  /** The quick retries are the last ones. */
  #finishing = false;
  /** When a channel succeeded last, since everything was told before. */
  #lastCall: number | null = null;
  #lastSuccess: number | null = null;
  /** Why a channel is down, as the log has it already. */
  readonly #reported = new Map<Delivery, string>();

  constructor(options: NotifierOptions) {
    this.#options = options;
    this.#deliveries = options.channels.map((channel) => new Delivery(channel, options.pace));
  }

  /** Whether there is something to tell, and when everything was last told. */
  get status(): { pending: boolean; lastSuccess: number | null } {
    return { pending: this.#pending, lastSuccess: this.#lastSuccess };
  }

  /** Says that files have changed; nothing given means changes of an earlier process, which nobody knows. */
  changed(changes?: FileChanges): void {
    const { pace, now } = this.#options;
    this.#pending = true;
    const burst = this.#bursts.at(-1);
    if (burst && (!pace.perEvent || this.#bursts.length >= maxWaiting)) {
      burst.changes.add(changes);
      burst.latest = now();
    } else {
      const collected = new CollectedChanges();
      collected.add(changes);
      this.#bursts.push({ changes: collected, began: now(), latest: now() });
    }
    this.#news.pull();
  }

  /** What has changed so far is told to this channel alone. */
  tellOnly(name: Channel['name']): void {
    const told = this.#deliveries.filter(({ channel }) => channel.name === name);
    while (this.#bursts.length > 0) this.#begin(told);
  }

  /**
   * Notifies until `signal` ends it. A call that is under way then may end, and what is left is tried once more, for as long as
   * `pace.shutdown` in all. Answers whether everything was told.
   */
  async run(signal: AbortSignal): Promise<boolean> {
    using limit = abortLater(signal, this.#options.pace.shutdown);
    while (!signal.aborted) {
      if (this.#burstEnd() <= this.#options.now()) this.#begin(this.#deliveries);
      const next = this.#next(this.#deliveries);
      const wait = Math.min(next?.due ?? Infinity, this.#burstEnd()) - this.#options.now();
      if (wait > 0) await this.#pause(wait, signal);
      else if (next) await this.#try(next, limit.signal);
    }
    return await this.#finish(limit.signal, this.#options.pace.shutdown);
  }

  /** Tells what has changed so far, with the quick retries only: the end of METHOD=LIST. Answers whether everything was told. */
  async runOnce(signal: AbortSignal): Promise<boolean> {
    using limit = abortLater(signal, this.#options.pace.shutdown);
    return await this.#finish(limit.signal, Infinity);
  }

  /** Waits for no burst and no slow retry, and for no quick one that is further off than `patience`. */
  async #finish(limit: AbortSignal, patience: number): Promise<boolean> {
    const { now } = this.#options;
    this.#finishing = true;
    for (const delivery of this.#deliveries) delivery.hurry(now());
    while (!limit.aborted) {
      if (this.#bursts.length > 0) this.#begin(this.#deliveries);
      const next = this.#next(this.#deliveries.filter(({ usedUp }) => !usedUp));
      const wait = (next?.due ?? Infinity) - now();
      if (!next || wait > patience) break;
      if (wait > 0) await this.#pause(wait, limit);
      else await this.#try(next, limit);
    }
    return !this.#pending;
  }

  /** When the next burst is over and may be told of. */
  #burstEnd(): number {
    const [burst] = this.#bursts;
    const { pace } = this.#options;
    if (!burst) return Infinity;
    if (!pace.perEvent) return Math.min(burst.latest + pace.quiet, burst.began + pace.maxWait);
    // One after the other; but a channel that is down must not hold up the others.
    return this.#deliveries.some(({ isPending, isDown }) => isPending && !isDown) ? Infinity : burst.began;
  }

  /** Gives the next burst to these channels. */
  #begin(deliveries: readonly Delivery[]): void {
    const burst = this.#bursts.shift();
    if (burst) for (const delivery of deliveries) delivery.add(burst.changes.sum, this.#options.now());
    this.#settle();
  }

  /** The channel to be tried next. At equal times it is the one that was tried less: REQ_URL does not wait for SCRIPT's retries. */
  #next(deliveries: readonly Delivery[]): Delivery | undefined {
    const pending = deliveries.filter(({ isPending }) => isPending);
    return pending.sort((one, other) => one.due - other.due || one.tries - other.tries)[0];
  }

  async #try(delivery: Delivery, limit: AbortSignal): Promise<void> {
    const { name, log, meter, now } = this.#options;
    const { channel } = delivery;
    const failure = await delivery.try(limit, now);
    meter.notification(name, channel.name, failure ? 'failure' : 'success');
    if (failure) return limit.aborted ? undefined : this.#reportFailure(delivery, failure.error);
    this.#lastCall = now();
    this.#reported.delete(delivery);
    log.info({ channel: channel.name, attempt: delivery.tries }, 'application notified');
    this.#settle();
  }

  /** A channel that stays down for one reason is told of once: slow retries go on for ever. */
  #reportFailure(delivery: Delivery, err: unknown): void {
    const { log, now } = this.#options;
    const { channel, tries, usedUp, due } = delivery;
    const retry = usedUp && this.#finishing ? {} : { retryInMs: Math.round(due - now()) };
    const facts = { channel: channel.name, attempt: tries, ...retry, err };
    const reason = errorMessage(err);
    const message = usedUp ? gaveUp[channel.name](channel.target) : 'notification failed';
    if (this.#reported.get(delivery) === reason) return log.debug(facts, message);
    if (!usedUp) return log.warn(facts, message);
    this.#reported.set(delivery, reason);
    log.error(facts, message);
  }

  #settle(): void {
    if (!this.#pending || this.#bursts.length > 0 || this.#deliveries.some(({ isPending }) => isPending)) return;
    this.#pending = false;
    this.#lastSuccess = this.#lastCall ?? this.#lastSuccess;
    this.#lastCall = null;
    this.#options.onSettled();
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    await this.#news.pulled(signal, ms);
    this.#news.reset();
  }
}

/** What users of kiwigrid/k8s-sidecar look for in the log. */
const gaveUp: Readonly<Record<Channel['name'], (target: string) => string>> = {
  SCRIPT: (target) => `Script failed with error: ${target}`,
  REQ_URL: (target) => `Max retries exceeded for URL ${target}`,
};

/** A signal that is aborted `ms` milliseconds after `signal`. */
function abortLater(signal: AbortSignal, ms: number): Disposable & { readonly signal: AbortSignal } {
  const later = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const start = (): void => {
    timer = setTimeout(() => later.abort(signal.reason), ms);
  };
  if (signal.aborted) start();
  else signal.addEventListener('abort', start);
  return {
    signal: later.signal,
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', start);
    },
  };
}
