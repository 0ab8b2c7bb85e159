import type { SyncSettings } from '../../shared/settings/sidecar-settings.ts';
import { HttpExchangeError } from './http-exchange-error.ts';

/** How often to try again at once what has failed; the numbers count retries, not tries. */
export interface RetrySettings {
  readonly total: number;
  /** How many of them may follow a connection that could not be made. */
  readonly connect: number;
  /** How many of them may follow an answer that did not come or broke off. */
  readonly read: number;
  /** The n-th retry waits for this × 2^(n-1) seconds, the first one not at all. */
  readonly backoffFactor: number;
  /** Whether an answer of 5xx is among what is tried again at once. */
  readonly retryServerErrors: boolean;
}

/** The quick retries that the settings ask for. */
export function retriesOf(settings: SyncSettings): RetrySettings {
  return {
    total: settings.REQ_RETRY_TOTAL,
    connect: settings.REQ_RETRY_CONNECT,
    read: settings.REQ_RETRY_READ,
    backoffFactor: settings.REQ_RETRY_BACKOFF_FACTOR,
    retryServerErrors: !settings.ENABLE_5XX,
  };
}

// urllib3's limit of one pause, and with it kiwigrid/k8s-sidecar's; a server that wants a longer one hardly means us.
// https://urllib3.readthedocs.io/en/stable/reference/urllib3.util.html#urllib3.util.Retry.DEFAULT_BACKOFF_MAX
const longestPauseMs = 120_000;

// With a factor of 0, too, a pause is a number; and with the smallest ones it has long been two minutes.
const mostDoublings = 1000;

/** The quick retries of one delivery or download, counted and paced as urllib3 does for kiwigrid/k8s-sidecar. */
export class QuickRetries {
  readonly #settings: RetrySettings;
  #failures = 0;
  #connectFailures = 0;
  #readFailures = 0;

  constructor(settings: RetrySettings) {
    this.#settings = settings;
  }

  /** Notes a failed try; answers the pause in milliseconds before the next one, or null when the quick retries are used up. */
  next(error: unknown): number | null {
    const exchange = error instanceof HttpExchangeError ? error : undefined;
    this.#note(exchange);
    if (this.#areUsedUp || isRefusal(exchange)) return null;
    if (!this.#settings.retryServerErrors && isServerError(exchange)) return null;
    const doublings = Math.min(this.#failures - 1, mostDoublings);
    const pause = this.#failures === 1 ? 0 : this.#settings.backoffFactor * 1000 * 2 ** doublings;
    return Math.min(Math.max(pause, exchange?.retryAfterMs ?? 0), longestPauseMs);
  }

  #note(exchange: HttpExchangeError | undefined): void {
    this.#failures++;
    if (exchange?.phase === 'connect') this.#connectFailures++;
    if (exchange?.phase === 'read') this.#readFailures++;
  }

  get #areUsedUp(): boolean {
    const { total, connect, read } = this.#settings;
    return this.#failures > total || this.#connectFailures > connect || this.#readFailures > read;
  }
}

// Timeout, too early, too many requests: https://www.rfc-editor.org/rfc/rfc9110#section-15.5.9 and its like.
const refusedForNow = [408, 425, 429];

/** Asking again soon would not change it; and a wrong password, tried often, locks an account out. */
function isRefusal({ status = 0 }: Partial<HttpExchangeError> = {}): boolean {
  return status >= 400 && status <= 499 && !refusedForNow.includes(status);
}

function isServerError(error: HttpExchangeError | undefined): boolean {
  return error?.status !== undefined && error.status >= 500;
}
