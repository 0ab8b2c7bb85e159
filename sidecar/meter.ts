import type { FailureReason } from '../shared/kubernetes/watch-failure.ts';

/** What the parts of the sidecar report as it happens, for metrics. Names of syncs and scopes only, never content. */
export interface Meter {
  /** An object of a sync was created, changed or deleted. */
  objectEvent(sync: string, type: 'ADDED' | 'MODIFIED' | 'DELETED'): void;
  fileChange(sync: string, change: 'written' | 'removed'): void;
  /** A file could not be written or removed. */
  fileFailure(sync: string): void;
  /** `scope` is for people: `configmaps in namespace "x"`. */
  relist(scope: string, reason: FailureReason): void;
  /** A watch began again at its last version; `ended` is its ordinary end. */
  reconnect(scope: string, reason: FailureReason | 'ended'): void;
  apiFailure(scope: string, reason: FailureReason): void;
  notification(sync: string, channel: 'SCRIPT' | 'REQ_URL', outcome: 'success' | 'failure'): void;
  download(sync: string, outcome: 'changed' | 'unchanged' | 'failure'): void;
}
