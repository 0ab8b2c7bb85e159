import type { FailureReason } from '../../shared/kubernetes/watch-failure.ts';
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
export interface Count {
  readonly family: CounterFamily;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Counts until somebody asks. By itself, as a library for metrics takes 1.6 MiB that most sidecars never need. */
export class CountingMeter implements Meter {
  readonly #counts = new Map<string, Count>();

  /** Everything that has happened at least once. */
  get counts(): readonly Count[] {
    return [...this.#counts.values()];
  }

  objectEvent(sync: string, type: string): void {
    this.#count('events', { sync, type });
  }

  fileChange(sync: string, change: string): void {
    this.#count('fileChanges', { sync, change });
  }

  fileFailure(sync: string): void {
    this.#count('fileFailures', { sync });
  }

  relist(scope: string, reason: string): void {
    this.#count('relists', { scope, reason });
  }

  reconnect(scope: string, reason: string): void {
    this.#count('reconnects', { scope, reason });
  }

  apiFailure(scope: string, reason: string): void {
    this.#count('apiFailures', { scope, reason });
  }

  notification(sync: string, channel: string, outcome: string): void {
    this.#count('notifications', { sync, channel, outcome });
  }

  download(sync: string, outcome: string): void {
    this.#count('downloads', { sync, outcome });
  }

  #count(family: CounterFamily, labels: Count['labels']): void {
    const key = JSON.stringify([family, labels]);
    this.#counts.set(key, { family, labels, value: (this.#counts.get(key)?.value ?? 0) + 1 });
  }
}
