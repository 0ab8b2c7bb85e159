import type { Contender } from './sidecar/contender.ts';
import type { Subject } from './metric.ts';
import type { Stage } from './sidecar/stage.ts';

/** What one start of a program gives: the part of a metric's name after the row's → figure. */
export type Figures = Readonly<Record<string, number>>;

/** An experiment. */
export interface Row {
  readonly name: string;
  /** Who takes part. */
  readonly roles: readonly Subject['role'][];
  /** All rounds of all contenders at the same time: for what takes long and needs next to no CPU. */
  readonly together?: boolean;
  readonly measure: (contender: Contender, stage: Stage) => Promise<Figures>;
}
