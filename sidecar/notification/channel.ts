import type { ToldChanges } from '../files/file-changes.ts';

/** One way to tell the application that files have changed. */
export interface Channel {
  readonly name: 'SCRIPT' | 'REQ_URL';
  /** What it calls, for the log; has no secret in it. */
  readonly target: string;
  /** Delivers once; rejects when the application did not take it. Bounded in time by itself. */
  deliver(signal: AbortSignal, changes: ToldChanges): Promise<void>;
}
