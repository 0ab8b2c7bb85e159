import type { FailureReason } from './watch-failure.ts';

/**
 * Plain facts about a reflector, for health, metrics and logs. Each call is a sign of life: the longest silence is the idle
 * timeout, the wait announced by `onError`, or the time that the handler takes, whichever is the longest.
 */
export interface ReflectorObserver {
  /** The API server sent something: bytes of a list or of a watch, bookmarks included. */
  onContact?(): void;
  /** A whole LIST has been handed over. */
  onListed?(list: { readonly resourceVersion: string; readonly count: number }): void;
  /** The API server accepted a WATCH from this version on. */
  onWatchStarted?(resourceVersion: string): void;
  /** A step failed; the next one begins in `retryInMs`. Called once for every failure, so the place to log it. */
  onError?(error: unknown, retryInMs: number): void;
  /** The watch begins again at the last version: `ended` is the API server's ordinary end of it. */
  onReconnect?(reason: FailureReason | 'ended'): void;
  /** The whole collection is listed again. */
  onRelist?(reason: FailureReason): void;
}
