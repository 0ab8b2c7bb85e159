import { errorMessage } from '../../shared/error-message.ts';
import { ApiStatusError, isForbidden } from '../../shared/kubernetes/api-status.ts';
import type { ReflectorObserver } from '../../shared/kubernetes/reflector-observer.ts';
import { failureReason, type FailureReason } from '../../shared/kubernetes/watch-failure.ts';
import type { Logger } from '../../shared/log/log.ts';
import type { ScopeStatus } from '../health/health.ts';
import type { Meter } from '../health/meter.ts';

export interface ScopeObserverOptions {
  /** For people: `configmaps in namespace "x"`. */
  readonly scope: string;
  readonly log: Logger;
  readonly meter: Meter;
  readonly now: () => number;
}

/** What is known of a scope, whoever follows it. */
export type StreamStatus = Omit<ScopeStatus, 'listed'>;

/** Gathers the status of one scope from what its loop reports, and logs every new error once. */
export class ScopeObserver implements ReflectorObserver {
  readonly #options: ScopeObserverOptions;
  #status: StreamStatus;

  constructor(options: ScopeObserverOptions) {
    const start = options.now();
    this.#options = options;
    this.#status = { scope: options.scope, error: null, lastContact: start, lastSign: start, forbidden: null };
  }

  /** Somebody begins to follow the scope: before, there was nothing to hear. */
  begin(): void {
    const start = this.#options.now();
    this.#status = { ...this.#status, lastContact: start, lastSign: start };
  }

  get status(): StreamStatus {
    return this.#status;
  }

  onContact(): void {
    const lastContact = this.#options.now();
    this.#status = { ...this.#status, lastContact, lastSign: lastContact };
  }

  onListed(): void {
    this.#recovered();
  }

  onWatchStarted(): void {
    this.onContact();
    this.#recovered();
  }

  onError(error: unknown, retryInMs: number): void {
    const { scope, log, meter } = this.#options;
    const message = errorMessage(error);
    if (message !== this.#status.error) log.error({ scope, retryInMs, err: error }, 'API server: trying again');
    meter.apiFailure(scope, failureReason(error));
    this.#update({ error: message, forbidden: refusalOf(error) ?? this.#status.forbidden });
  }

  onReconnect(reason: FailureReason | 'ended'): void {
    const { scope, log, meter } = this.#options;
    meter.reconnect(scope, reason);
    log.debug({ scope, reason }, 'watch resumed');
    this.#update({});
  }

  onRelist(reason: FailureReason): void {
    const { scope, log, meter } = this.#options;
    meter.relist(scope, reason);
    log.info({ scope, reason }, 'relist');
    this.#update({});
  }

  #recovered(): void {
    const { scope, log } = this.#options;
    if (this.#status.error !== null) log.info({ scope }, 'API server: in contact again');
    this.#update({ error: null, forbidden: null });
  }

  #update(change: Partial<StreamStatus>): void {
    this.#status = { ...this.#status, ...change, lastSign: this.#options.now() };
  }
}

/** What a 403 refuses; another error says nothing about permissions. */
function refusalOf(error: unknown): StreamStatus['forbidden'] {
  return isForbidden(error) && error instanceof ApiStatusError ? { verb: error.verb, resource: error.resource } : null;
}
