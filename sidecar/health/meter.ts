import type { FailureReason } from '../../shared/kubernetes/watch-failure.ts';
import { Counts } from '../../shared/metrics/counts.ts';
import type { Sample } from '../../shared/metrics/metric-family.ts';
import type { CounterFamily } from './metric-families.ts';

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

/** Counts nothing. */
export const noMeter: Meter = {
  objectEvent: () => undefined,
  fileChange: () => undefined,
  fileFailure: () => undefined,
  relist: () => undefined,
  reconnect: () => undefined,
  apiFailure: () => undefined,
  notification: () => undefined,
  download: () => undefined,
};

/** How often something has happened. */
export type Count = Sample<CounterFamily>;

/** Counts for metrics. */
export class CountingMeter implements Meter {
  readonly #counts = new Counts<CounterFamily>();

  /** Everything that has happened at least once. */
  get counts(): readonly Count[] {
    return this.#counts.all;
  }

  objectEvent(sync: string, type: string): void {
    this.#counts.add('events', { sync, type });
  }

  fileChange(sync: string, change: string): void {
    this.#counts.add('fileChanges', { sync, change });
  }

  fileFailure(sync: string): void {
    this.#counts.add('fileFailures', { sync });
  }

  relist(scope: string, reason: string): void {
    this.#counts.add('relists', { scope, reason });
  }

  reconnect(scope: string, reason: string): void {
    this.#counts.add('reconnects', { scope, reason });
  }

  apiFailure(scope: string, reason: string): void {
    this.#counts.add('apiFailures', { scope, reason });
  }

  notification(sync: string, channel: string, outcome: string): void {
    this.#counts.add('notifications', { sync, channel, outcome });
  }

  download(sync: string, outcome: string): void {
    this.#counts.add('downloads', { sync, outcome });
  }
}
