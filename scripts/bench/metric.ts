/** What a number counts; it decides how it is written. */
export type Unit = 'MiB' | 'MB' | 'ms' | 's' | 'count';

/** A limit for our figure: absolute, or a multiple of another column's figure of the same run. */
export type Budget = ({ readonly atMost: number } | { readonly atLeast: number }) & {
  readonly times?: 'bound' | 'peer';
};

/** One line of the table. */
export interface Metric {
  /** `row.figure`; the row is what `--row` picks. */
  readonly id: `${string}.${string}`;
  readonly title: string;
  readonly unit: Unit;
  readonly budgets: readonly Budget[];
  /** Waiting was ended at this value: what was seen is more. */
  readonly cap?: number;
  /** Shown where a budget is missed: what was tried. */
  readonly tried?: string;
}

/** A column: ours, a program that bounds what is possible, or another one that does what ours does. */
export interface Subject {
  readonly name: string;
  readonly role: 'ours' | 'bound' | 'peer' | 'reference';
}

/** The column that is always there. */
export const ownName = 'sync-sidecar';

/** What one run of a suite saw, as the JSON file has it. */
export interface SuiteResult {
  readonly suite: string;
  /** A day, as 2026-11-30. */
  readonly takenOn: string;
  readonly rounds: number;
  readonly cores: number;
  readonly node: string;
  /** Empty where no row asked for a control plane. */
  readonly kubernetes: string;
  /** What ours is run with besides: variables and flags, as a shell takes them. */
  readonly runtime: string;
  readonly subjects: readonly Subject[];
  /** Metric → subject → one value a round, in the metric's unit. */
  readonly figures: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
}

/** `idle.rss` → `idle`. */
export function rowOf(id: string): string {
  return id.slice(0, id.indexOf('.'));
}
