import { Counts } from '../../shared/metrics/counts.ts';
import { Histogram, type Distribution } from '../../shared/metrics/histogram.ts';
import type { Sample } from '../../shared/metrics/metric-family.ts';
import type { Decision } from '../decision.ts';
import type { CounterFamily } from './metric-families.ts';

/** What the parts of the webhook report as it happens, for metrics. */
export interface Meter {
  /** Begins to measure a review; what it answers is called at the end, also where nobody waited for it. */
  beginReview(): () => void;
  /** A pod was decided on. */
  decided(decision: Pick<Decision, 'outcome' | 'reason'>, options: { dryRun: boolean }): void;
  /** A request for a review got no decision but this HTTP status; `none`: no answer, as who sent it has left. */
  failed(status: number | 'none'): void;
}

/** Counts nothing. */
export const noMeter: Meter = {
  beginReview: () => () => undefined,
  decided: () => undefined,
  failed: () => undefined,
};

/** Seconds. A review takes some tenths of a millisecond, and the API server waits for 5 s. */
const bounds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Counts for metrics. */
export class CountingMeter implements Meter {
  readonly #clock: () => number;
  readonly #counts = new Counts<CounterFamily>();
  readonly #durations = new Histogram(bounds);

  /** `clock` tells milliseconds from any time on, and never goes back. */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Everything that has happened at least once. */
  get counts(): readonly Sample<CounterFamily>[] {
    return this.#counts.all;
  }

  get durations(): Distribution {
    return this.#durations.distribution;
  }

  beginReview(): () => void {
    const begun = this.#clock();
    return () => this.#durations.observe((this.#clock() - begun) / 1000);
  }

  decided({ outcome, reason }: Pick<Decision, 'outcome' | 'reason'>, { dryRun }: { dryRun: boolean }): void {
    this.#counts.add('reviews', { outcome, reason, dry_run: String(dryRun) });
  }

  failed(status: number | 'none'): void {
    this.#counts.add('failures', { code: String(status) });
  }
}
