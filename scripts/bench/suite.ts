import type { Peer } from './arguments.ts';
import type { Shown } from './kept-results.ts';
import type { SuiteResult } from './metric.ts';
import type { RunOptions } from './run-rows.ts';
import type { StageOptions } from './sidecar/stage.ts';

/** What a suite is given. */
export interface SuiteOptions extends StageOptions, Pick<RunOptions, 'rounds' | 'onFailure'> {
  /** Names of the rows to run; empty: all. */
  readonly rows: readonly string[];
  readonly peers: readonly Peer[];
  /** The interpreter of our programs. */
  readonly nodePath: string;
  readonly facts: Pick<SuiteResult, 'takenOn' | 'cores' | 'node'>;
}

/** A part of `npm run bench` with a table, a JSON file and a chart of its own. */
export interface Suite extends Shown {
  readonly rows: readonly string[];
  /** Rejects when nothing could be measured; of single measurements `onFailure` is told. */
  readonly run: (options: SuiteOptions) => Promise<SuiteResult>;
}
