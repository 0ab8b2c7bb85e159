import { backoffMs } from '../backoff.ts';
import type { Backoff } from '../backoff.ts';
import { ApiConnectionError, ApiTimeoutError, MalformedAnswerError } from './api-failure.ts';
import {
  ApiStatusError,
  isExpired,
  isForbidden,
  isServerError,
  isTooManyRequests,
  isUnauthorized,
} from './api-status.ts';
import { ClusterAccessError } from './cluster-access.ts';

/** Why a LIST or a WATCH failed: log field and metric label. */
export type FailureReason =
  | 'expired'
  | 'unauthorized'
  | 'forbidden'
  | 'too-many-requests'
  | 'server-error'
  | 'refused'
  | 'timeout'
  | 'connection'
  | 'malformed'
  | 'access'
  | 'short-watch'
  | 'handler'
  | 'other';

/** What a reflector does after a failure. */
export interface NextStep {
  readonly reason: FailureReason;
  /** True: list the collection anew. False: go on at the last version. */
  readonly relist: boolean;
  readonly delayMs: number;
}

/** A watch ended at once with nothing in it; https://github.com/kubernetes/kubernetes/issues/74022 */
export class VeryShortWatchError extends Error {
  override readonly name = 'VeryShortWatchError';
}

/** A handler of a reflector failed. The `cause` is its error. */
export class HandlerError extends Error {
  override readonly name = 'HandlerError';
}

/**
 * client-go's values: 800 ms spare the API server when it is in trouble, and 30 s keep a thousand replicas below 40 requests
 * a second. https://github.com/kubernetes/client-go/blob/master/tools/cache/reflector.go
 */
export const reflectorBackoff: Backoff = { firstMs: 800, capMs: 30_000 };

// What asks for a longer pause is hardly the API server, whose own answer is a few seconds.
const maxRetryAfterMs = 60_000;

/** The next step after the `failures`-th failure in a row. */
export function afterFailure(
  error: unknown,
  failures: number,
  { random, backoff }: { readonly random: () => number; readonly backoff: Backoff },
): NextStep {
  const reason = failureReason(error);
  const asked = error instanceof ApiStatusError ? Math.min(error.retryAfterMs ?? 0, maxRetryAfterMs) : 0;
  return {
    reason,
    // A failed handler may have lost an event, and the last version says nothing about what it holds.
    relist: reason === 'expired' || reason === 'handler',
    // On top of what was asked for, or all that were refused together would return together.
    delayMs: asked + backoffMs(failures, random, backoff),
  };
}

/** Puts a failure into one of the closed set of reasons. */
export function failureReason(error: unknown): FailureReason {
  return predicates.find(([, holds]) => holds(error))?.[0] ?? 'other';
}

const predicates: readonly (readonly [FailureReason, (error: unknown) => boolean])[] = [
  ['expired', isExpired],
  ['unauthorized', isUnauthorized],
  ['forbidden', isForbidden],
  ['too-many-requests', isTooManyRequests],
  ['server-error', isServerError],
  ['refused', (error) => error instanceof ApiStatusError],
  ['timeout', (error) => error instanceof ApiTimeoutError],
  ['connection', (error) => error instanceof ApiConnectionError],
  ['access', (error) => error instanceof ClusterAccessError],
  ['malformed', (error) => error instanceof MalformedAnswerError],
  ['short-watch', (error) => error instanceof VeryShortWatchError],
  ['handler', (error) => error instanceof HandlerError],
];
