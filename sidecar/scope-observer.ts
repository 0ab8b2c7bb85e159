import { isForbidden } from '../shared/kubernetes/api-status.ts';
import type { ReflectorObserver } from '../shared/kubernetes/reflector-observer.ts';
import type { Logger } from '../shared/log.ts';
import type { ScopeStatus } from './health.ts';

export interface ScopeObserverOptions {
  /** For people: `configmaps in namespace "x"`. */
  readonly scope: string;
  /** Whether a scope that the API server refuses counts as listed. */
  readonly readyPartial: boolean;
  readonly log: Logger;
  readonly now: () => number;
  /** Called when the scope has become listed. */
  readonly onListed: () => void;
}

/** Gathers the status of one scope from what its reflector reports, and logs every new error once. */
export class ScopeObserver implements ReflectorObserver {
  readonly #options: ScopeObserverOptions;
  #status: ScopeStatus;

  constructor(options: ScopeObserverOptions) {
    const start = options.now();
    this.#options = options;
    this.#status = { scope: options.scope, listed: false, error: null, lastContact: start, lastSign: start };
  }

  get status(): ScopeStatus {
    return this.#status;
  }

  onContact(): void {
    const lastContact = this.#options.now();
    this.#status = { ...this.#status, lastContact, lastSign: lastContact };
  }

  onListed(): void {
    this.#recovered();
    this.#update({ listed: true });
    this.#options.onListed();
  }

  onWatchStarted(): void {
    this.onContact();
    this.#recovered();
  }

  onError(error: unknown, retryInMs: number): void {
    const message = error instanceof Error ? error.message : String(error);
    if (message !== this.#status.error) {
      this.#options.log.error({ scope: this.#options.scope, retryInMs, err: error }, 'API server: trying again');
    }
    const refused = this.#options.readyPartial && isForbidden(error) && !this.#status.listed;
    this.#update({ error: message, listed: this.#status.listed || refused });
    if (refused) this.#options.onListed();
  }

  onReconnect(reason: string): void {
    this.#update({});
    this.#options.log.debug({ scope: this.#options.scope, reason }, 'watch resumed');
  }

  onRelist(reason: string): void {
    this.#update({});
    this.#options.log.info({ scope: this.#options.scope, reason }, 'relist');
  }

  #recovered(): void {
    if (this.#status.error !== null)
      this.#options.log.info({ scope: this.#options.scope }, 'API server: in contact again');
    this.#update({ error: null });
  }

  #update(change: Partial<ScopeStatus>): void {
    this.#status = { ...this.#status, ...change, lastSign: this.#options.now() };
  }
}
