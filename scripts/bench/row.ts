import type { Subject } from './metric.ts';

/** What one measurement gives: the part of a metric's name after the row's → figure. */
export type Figures = Readonly<Record<string, number>>;

/** An experiment with those who take part in a suite, on what the rows of that suite share. */
export interface Row<Contender extends Subject, Stage> {
  readonly name: string;
  /** Who takes part. */
  readonly roles: readonly Subject['role'][];
  /** All rounds of all contenders at the same time: for what takes long and needs next to no CPU. */
  readonly together?: boolean;
  readonly measure: (contender: Contender, stage: Stage) => Promise<Figures>;
}
