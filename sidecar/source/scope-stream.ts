import { backoffMs, sleep } from '../../shared/backoff.ts';
import type { KubernetesObject } from '../../shared/kubernetes/object.ts';
import type { ReflectorHandler } from '../../shared/kubernetes/reflector.ts';
import type { ReflectorObserver } from '../../shared/kubernetes/reflector-observer.ts';
import type { ScopeStatus } from '../health/health.ts';
import { IsolatedSubscriber, type SubscriptionOptions } from './isolated-subscriber.ts';
import type { Meter } from '../health/meter.ts';
import { backoffOf, followScope, type ScopeLoop } from './scope-loop.ts';
import { ScopeObserver } from './scope-observer.ts';
import { describeScope } from './source.ts';
import { Trigger } from '../trigger.ts';

export interface ScopeStreamOptions extends Omit<ScopeLoop, 'handler' | 'observer'> {
  readonly meter: Meter;
}

/** One subscriber's end of a stream. */
export interface Subscription {
  /** The stream's, but for what this subscriber alone has not taken in. */
  readonly status: () => ScopeStatus;
  /** From now on the subscriber hears nothing more. */
  readonly end: () => void;
}

/**
 * What happens to the objects of one scope, told to everyone who subscribes to it. It begins with the first subscriber, and goes on
 * to the end of the process; one that comes later costs a new list, in which the others find nothing new.
 */
export class ScopeStream {
  readonly #options: ScopeStreamOptions;
  readonly #observer: ScopeObserver;
  readonly #subscribers = new Set<IsolatedSubscriber>();
  readonly #hasSubscriber = new Trigger();
  readonly #listNeeded = new Trigger();
  #isBegun = false;
  /** From the moment when a list is bound to come to its end. */
  #listing = false;
  /** How many lists in a row somebody needed because of a failure of its own. */
  #failures = 0;

  constructor(options: ScopeStreamOptions) {
    this.#options = options;
    this.#observer = new ScopeObserver({ ...options, scope: describeScope(options.scope) });
  }

  subscribe(options: SubscriptionOptions): Subscription {
    const subscriber = new IsolatedSubscriber(options);
    if (!this.#isBegun) this.#observer.begin();
    this.#isBegun = true;
    this.#subscribers.add(subscriber);
    this.#hasSubscriber.pull();
    this.#checkNeeds();
    return {
      status: () => this.#statusFor(subscriber),
      end: () => {
        this.#subscribers.delete(subscriber);
        subscriber.abandonList();
      },
    };
  }

  /** Follows the scope until `signal` ends it. */
  async run(signal: AbortSignal): Promise<void> {
    const loop = { ...this.#options, handler: this.#fanOut(), observer: this.#observe() };
    await this.#hasSubscriber.pulled(signal);
    while (!signal.aborted) {
      this.#listing = true;
      this.#listNeeded.reset();
      const round = new AbortController();
      const ended = AbortSignal.any([signal, round.signal]);
      await Promise.all([followScope(loop, ended), this.#untilListNeeded(ended).then(() => round.abort())]);
    }
  }

  /** Takes over what the loop sees, for everyone. Never throws, so that nobody has to wait because of somebody else's failure. */
  #fanOut(): ReflectorHandler {
    return {
      replace: async (objects) => {
        this.#listing = true;
        try {
          await this.#replace(objects);
        } finally {
          this.#each((subscriber) => subscriber.abandonList());
        }
        this.#listing = false;
        if (!this.#isListNeeded) this.#failures = 0;
      },
      apply: (event) => {
        this.#each((subscriber) => subscriber.apply(event));
        this.#checkNeeds();
      },
    };
  }

  async #replace(objects: AsyncIterable<KubernetesObject>): Promise<void> {
    this.#each((subscriber) => subscriber.beginList());
    for await (const object of objects) this.#each((subscriber) => subscriber.take(object));
    this.#each((subscriber) => subscriber.endList());
  }

  #observe(): ReflectorObserver {
    const observer = this.#observer;
    return {
      onContact: () => observer.onContact(),
      onListed: () => {
        observer.onListed();
        this.#each((subscriber) => subscriber.reportListed());
        this.#checkNeeds();
      },
      onWatchStarted: () => observer.onWatchStarted(),
      onError: (error, retryInMs) => {
        observer.onError(error, retryInMs);
        this.#each((subscriber) => subscriber.reportFailure(retryInMs));
      },
      onReconnect: (reason) => observer.onReconnect(reason),
      onRelist: (reason) => observer.onRelist(reason),
    };
  }

  get #isListNeeded(): boolean {
    return [...this.#subscribers].some(({ needsList }) => needsList);
  }

  /** Who needs a list while one is under way waits for its end: the others must not begin again. */
  #checkNeeds(): void {
    if (!this.#listing && this.#isListNeeded) this.#listNeeded.pull();
  }

  /** Waits until a new list has to begin; where failures are the reason, longer each time. */
  async #untilListNeeded(signal: AbortSignal): Promise<void> {
    const { random, process } = this.#options;
    while (!signal.aborted) {
      await this.#listNeeded.pulled(signal);
      this.#listNeeded.reset();
      const failed = [...this.#subscribers].filter(({ error }) => error !== null);
      const delayMs = failed.length === 0 ? 0 : backoffMs(++this.#failures, random, backoffOf(process));
      for (const subscriber of failed) subscriber.reportFailure(delayMs);
      await sleep(delayMs, signal);
      // Meanwhile a list may have begun, or ended, for another reason.
      if (signal.aborted || this.#listing || !this.#isListNeeded) continue;
      if (failed.length > 0) this.#observer.onRelist('handler');
      return;
    }
  }

  #each(step: (subscriber: IsolatedSubscriber) => void): void {
    for (const subscriber of this.#subscribers) step(subscriber);
  }

  #statusFor({ listed, error }: IsolatedSubscriber): ScopeStatus {
    const { status } = this.#observer;
    const isRefused = status.forbidden !== null && this.#options.process.READY_PARTIAL;
    return { ...status, listed: listed || isRefused, error: error ?? status.error };
  }
}
