import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { emptyState, parseRecord, pathsTakenIn, type RecordState } from './ownership-record.ts';
import { lifeMs, RecordFile } from './record-file.ts';
import { ownPrefix } from '../projection/own-prefix.ts';
import { fileSystemTime } from './temporary-files.ts';

export interface NeighboursOptions {
  /** Where the records lie: FOLDER with links resolved. */
  readonly folder: string;
  /** Whether the record is one of this process. */
  readonly isOurs: (id: string) => boolean;
  /** The file system's time when this process last wrote or touched something in the folder, in milliseconds; null before that. */
  readonly touchedMs: () => number | null;
  /** A name for a file that shows the file system's time; nothing is there. */
  readonly clock: string;
  readonly now: () => number;
}

// While many paths are claimed at once, a new neighbour is seen this late at the latest. A look takes 4 ms with 10,000 files.
const listAgainMs = 1000;

/**
 * The records of other processes in one folder. A path that a living one has is its. A record is living until its process ends in
 * order or gives no sign of life any more; whose clock is right doesn't matter, as all times are the file system's.
 */
export class Neighbours {
  readonly #options: NeighboursOptions;
  readonly #neighbours = new Map<string, Neighbour>();
  /** What was taken since somebody last asked. */
  #taken = new Set<string>();
  #listedAt = -Infinity;

  constructor(options: NeighboursOptions) {
    this.#options = options;
  }

  /** Whether no other process has a record in the folder, as far as is known. */
  get isAlone(): boolean {
    return this.#neighbours.size === 0;
  }

  /** Looks for records, and reads what is new in them. Throws when the folder can't be read. */
  refresh(): void {
    this.#listedAt = this.#options.now();
    const ids = readdirSync(this.#options.folder).flatMap((name) => recordIdOf(name) ?? []);
    const others = new Set(ids.filter((id) => !this.#options.isOurs(id)));
    for (const id of this.#neighbours.keys()) if (!others.has(id)) this.#neighbours.delete(id);
    for (const id of others) if (!this.#neighbours.has(id)) this.#neighbours.set(id, this.#neighbour(id));
    this.#readOn();
  }

  /**
   * The living sync of another process that has a path, for people; null when there is none. Where nothing `isThere` at a path, nobody
   * can have it but who is known already.
   */
  ownerOf(path: string, isThere: () => boolean): string | null {
    const listAgain = this.#options.now() - this.#listedAt > listAgainMs;
    if (listAgain && isThere()) this.#refreshIfPossible();
    else this.#readOn();
    const owner = this.living().find(({ state }) => state.owned.has(path));
    return owner
      ? `which syncs ${owner.state.selects ?? 'what its record does not say'} (${ownPrefix}${owner.id})`
      : null;
  }

  /** A folder that can't be read now is read at the next sign of life, where it is reported. */
  #refreshIfPossible(): void {
    try {
      this.refresh();
    } catch {
      this.#readOn();
    }
  }

  /** What is known of the living ones. */
  living(): Neighbour[] {
    const candidates = [...this.#neighbours.values()].filter(({ file, state }) => file.exists && !state.closed);
    if (candidates.length === 0) return [];
    const { touchedMs, clock } = this.#options;
    // Where the time can't be told, who wrote there counts as living: nothing is taken from somebody who may be there.
    const time = touchedMs() ?? fileSystemTime(clock) ?? -Infinity;
    return candidates.filter(({ file }) => time - file.othersSeenMs <= lifeMs);
  }

  /** The paths that neighbours have taken since the last call, also those that they have let go of again. */
  takenSince(): ReadonlySet<string> {
    const taken = this.#taken;
    this.#taken = new Set();
    return taken;
  }

  #neighbour(id: string): Neighbour {
    const path = join(this.#options.folder, ownPrefix + id);
    return { id, file: new RecordFile({ path, temporary: path, mode: 0 }), state: emptyState() };
  }

  #readOn(): void {
    for (const neighbour of this.#neighbours.values()) {
      const news = newsOf(neighbour);
      if (!news) continue;
      neighbour.state = parseRecord(news.text, news.whole ? emptyState() : neighbour.state);
      for (const path of pathsTakenIn(news.text)) this.#taken.add(path);
    }
  }
}

/** Another process's record. */
export interface Neighbour {
  readonly id: string;
  readonly file: Pick<RecordFile, 'exists' | 'news' | 'othersSeenMs'>;
  state: RecordState;
}

/** `.sync-sidecar.0123456789ab` → `0123456789ab`; temporary files have one more dot. */
export function recordIdOf(name: string): string | null {
  if (!name.startsWith(ownPrefix)) return null;
  const id = name.slice(ownPrefix.length);
  return id === '' || id.includes('.') ? null : id;
}

/** Who doesn't let us read its record can't be respected. */
function newsOf({ file }: Neighbour): ReturnType<RecordFile['news']> {
  try {
    return file.news();
  } catch {
    return null;
  }
}
