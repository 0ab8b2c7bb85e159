import { errorMessage } from '../../shared/error-message.ts';
import type { KubernetesObject } from '../../shared/kubernetes/object.ts';
import type { ObjectEvent } from '../../shared/kubernetes/watch-events.ts';
import type { Logger } from '../../shared/log/log.ts';
import type { ListPass, ScopeSubscriber } from './scope-subscriber.ts';

/** Who hears a stream, and what it wants to hear beyond the objects. */
export interface SubscriptionOptions {
  readonly subscriber: ScopeSubscriber;
  readonly log: Logger;
  /** Called after a list that the subscriber has taken in whole. */
  readonly onListed: () => void;
  /** Called after a failure of the API server; it is asked again in `retryInMs`. */
  readonly onFailure: (retryInMs: number) => void;
}

/**
 * One subscriber of a stream, kept apart from the others: what it throws goes no further, and makes it need a new list. It misses
 * the rest of a list in which it failed, or which had begun before it came.
 */
export class IsolatedSubscriber {
  readonly #options: SubscriptionOptions;
  #pass: ListPass | null = null;
  #listed = false;
  #needsList = true;
  #error: string | null = null;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
  }

  /** Whether it has taken in a whole list. */
  get listed(): boolean {
    return this.#listed;
  }

  /** Whether it has missed something, so that only a new list helps. */
  get needsList(): boolean {
    return this.#needsList;
  }

  /** Why its last step failed; null after a whole list. */
  get error(): string | null {
    return this.#error;
  }

  beginList(): void {
    this.abandonList();
    this.#guard(() => (this.#pass = this.#options.subscriber.beginList()));
  }

  take(object: KubernetesObject): void {
    this.#guard(() => this.#pass?.take(object));
  }

  endList(): void {
    this.#guard(() => {
      if (!this.#pass) return;
      this.#pass.end();
      this.#pass = null;
      this.#listed = true;
      this.#needsList = false;
      this.#error = null;
    });
  }

  /** The list broke off. */
  abandonList(): void {
    const pass = this.#pass;
    this.#pass = null;
    if (pass) this.#guard(() => pass.abandon());
  }

  apply(event: ObjectEvent): void {
    this.#guard(() => this.#options.subscriber.apply(event));
  }

  reportListed(): void {
    if (!this.#needsList) this.#guard(() => this.#options.onListed());
  }

  reportFailure(retryInMs: number): void {
    this.#guard(() => this.#options.onFailure(retryInMs));
  }

  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const message = errorMessage(error);
    if (message !== this.#error) this.#options.log.error({ err: error }, 'not taken in; listing again');
    this.#error = message;
    this.#needsList = true;
    this.abandonList();
  }
}
