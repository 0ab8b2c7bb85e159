import { setImmediate as nextTurn } from 'node:timers/promises';
import { sleep } from '../../shared/backoff.ts';
import type { Logger } from '../../shared/log/log.ts';
import { failsafe } from './failsafe.ts';
import { absolutePath } from '../projection/file-path.ts';
import { isUntouched, type Owned, type OwnershipRecord } from './ownership-record.ts';
import type { Volume } from './volume.ts';
import { writeRecord } from './write-record.ts';

/** The sync whose files are looked at. */
export interface Mending {
  /** Paths that stay as they are until somebody acts. */
  readonly blocked: readonly string[];
  /** Takes in that files are not as we left them. */
  mend(paths: readonly string[]): void;
}

export interface RescanParts {
  readonly sync: Mending;
  readonly volume: Looks;
  readonly record: OwnershipRecord;
  readonly log: Logger;
  /** The folder that paths are relative to, for the log. */
  readonly folder: string;
  /** Called when what could not be done before may go well now, or the record could not be written. */
  readonly onRetry: () => void;
}

type Looks = Pick<Volume, 'inspect' | 'hash' | 'obstacle'>;

// A look takes 5 to 10 µs: nothing else waits longer than 2 ms.
const filesAtOnce = 200;

/** Looks whether files are still as we left them, by `stat` alone; what somebody changed or removed is to be mended. */
export class Rescan {
  readonly #parts: RescanParts;
  /** What stood in the way of which path at the last look. */
  #obstacles = new Map<string, string>();

  constructor(parts: RescanParts) {
    this.#parts = parts;
  }

  /** Looks every `intervalMs` milliseconds until `signal` ends it; never with 0. */
  async run(intervalMs: number, signal: AbortSignal): Promise<void> {
    while (intervalMs > 0 && !signal.aborted) {
      await sleep(intervalMs, signal);
      await this.once(signal);
    }
  }

  /** Looks at all of our files, and at what blocked others. */
  async once(signal: AbortSignal): Promise<void> {
    const paths = [...this.#parts.record.state.owned.keys()];
    for (let at = 0; at < paths.length && !signal.aborted; at += filesAtOnce) {
      this.look(paths.slice(at, at + filesAtOnce));
      await nextTurn();
    }
    if (!signal.aborted) this.#lookAtBlocked();
  }

  /** Looks at some of our files. */
  look(paths: readonly string[]): void {
    const { record, sync, log, onRetry } = this.#parts;
    const changed = paths.filter((path) => !this.#isRight(path));
    if (changed.length > 0) sync.mend(changed);
    if (!writeRecord(log, () => record.flush())) onRetry();
  }

  #isRight(path: string): boolean {
    const { record, volume, log, folder } = this.#parts;
    const owned = record.state.owned.get(path);
    // What isn't known to be right is being written again anyway.
    if (!owned || owned.hash === null) return true;
    // What can't be looked at is not as we left it.
    const present = failsafe(() => volume.inspect(path));
    if (isUntouched(owned, present)) return true;
    if (present && hasSameContent(path, { owned, present, volume })) {
      const { size, mtimeMs, inode } = present;
      record.add({ own: path, ...owned, fingerprint: { size, mtimeMs, inode } });
      return true;
    }
    const was = present ? 'changed' : 'removed or replaced';
    log.warn({ path: absolutePath(folder, path), was }, 'a file is not as we left it and will be written again');
    return false;
  }

  /** A path whose obstacle has gone, or is another one, is worth another try. */
  #lookAtBlocked(): void {
    const { sync, volume, onRetry } = this.#parts;
    const before = this.#obstacles;
    const look = (path: string): string => JSON.stringify(failsafe(() => volume.obstacle(path) ?? nothing));
    this.#obstacles = new Map(sync.blocked.map((path) => [path, look(path)]));
    const mayBeFree = ([path, obstacle]: [string, string]): boolean =>
      obstacle === JSON.stringify(nothing) || (before.get(path) ?? obstacle) !== obstacle;
    if ([...this.#obstacles].some(mayBeFree)) onRetry();
  }
}

const nothing = 'nothing';

type Present = NonNullable<ReturnType<Volume['inspect']>>;

/** The content is read only where the size leaves it open. */
function hasSameContent(path: string, known: { owned: Owned; present: Present; volume: Looks }): boolean {
  const { owned, present, volume } = known;
  if (owned.mode !== present.mode || owned.fingerprint?.size !== present.size) return false;
  return failsafe(() => volume.hash(path)) === owned.hash;
}
