import type { OnProgress } from '../../test/control-plane/progress.ts';
import type { KnownSuite, Peer } from './arguments.ts';
import type { Shown } from './kept-results.ts';
import type { SuiteResult } from './metric.ts';
import type { OnFailure } from './run-rows.ts';

/** What a suite is given. */
export interface SuiteOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
  readonly onFailure: OnFailure;
  /** Whether this is root. */
  readonly root: boolean;
  /** The interpreter of our programs. */
  readonly nodePath: string;
  readonly rounds: number;
  /** Names of the rows to run; empty: all. */
  readonly rows: readonly string[];
  readonly peers: readonly Peer[];
  readonly facts: Pick<SuiteResult, 'takenOn' | 'cores' | 'node'>;
}

/** A part of `npm run bench` with a table, a JSON file and a chart of its own. */
export interface Suite extends Shown, KnownSuite {
  /** Rejects when nothing could be measured; of single measurements `onFailure` is told. */
  readonly run: (options: SuiteOptions) => Promise<SuiteResult>;
}
