import { sleep } from '../../shared/backoff.ts';
import type { Logger } from '../../shared/log/log.ts';
import { failsafe } from './failsafe.ts';
import type { Neighbours } from './neighbours.ts';
import type { OwnershipRecord } from './ownership-record.ts';
import type { PathClaims } from './path-owners.ts';
import type { Mending, Rescan } from './rescan.ts';
import type { Volume } from './volume.ts';
import { writeRecord } from './write-record.ts';

export interface NeighbourhoodParts {
  /** Of this sync's record. */
  readonly id: string;
  readonly neighbours: Neighbours;
  readonly record: OwnershipRecord;
  readonly volume: Pick<Volume, 'obstacle'>;
  /** What this sync has of the paths within its own process. */
  readonly claims: PathClaims;
  readonly log: Logger;
  /** The pause between two signs of life, in milliseconds. */
  readonly beatMs: number;
  /** Called when a path that was refused is free, or the record could not be written. */
  readonly onFree: () => void;
}

/**
 * How a sync gets on with those of other processes on the same folder: a path that another living one has is left to it, until it
 * lets go. Where two have taken a path at the same moment, the one whose record's name comes first keeps it.
 */
export class Neighbourhood implements PathClaims {
  readonly #parts: NeighbourhoodParts;
  /** Paths that were refused because of a neighbour. */
  readonly #waiting = new Set<string>();

  constructor(parts: NeighbourhoodParts) {
    this.#parts = parts;
  }

  /** Before the first claim: what others have taken while this sync was away is theirs. Throws when the folder can't be read. */
  begin(): void {
    const { neighbours, record } = this.#parts;
    neighbours.refresh();
    if (neighbours.isAlone) return;
    const taken = neighbours.living().map(({ state }) => state.owned);
    for (const path of [...record.state.owned.keys()]) {
      if (taken.some((owned) => owned.has(path))) record.add({ drop: path });
    }
  }

  claim(path: string): string | null {
    const { neighbours, record, volume, claims } = this.#parts;
    if (record.state.owned.has(path)) return claims.claim(path);
    // What can't be looked at can't be written either, which the write says.
    const other = neighbours.ownerOf(path, () => failsafe(() => volume.obstacle(path)) !== null);
    if (other === null) return claims.claim(path);
    this.#waiting.add(path);
    return `of another process, ${other}`;
  }

  release(path: string): void {
    this.#parts.claims.release(path);
  }

  /** Gives signs of life, and looks after what is refused or contested, until `signal` ends it. */
  async run(sync: Pick<Mending, 'mend'>, rescan: Pick<Rescan, 'look'>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.#parts.beatMs, signal);
      if (!signal.aborted) this.look(sync, rescan);
    }
  }

  /** One sign of life, and one look. */
  look(sync: Pick<Mending, 'mend'>, rescan: Pick<Rescan, 'look'>): void {
    const { record, neighbours, log, onFree } = this.#parts;
    const beat = (): void => {
      record.beat();
      neighbours.refresh();
    };
    if (!writeRecord(log, beat)) onFree();
    if (neighbours.isAlone && this.#waiting.size === 0) return;
    this.#yieldContested(sync);
    // Who has taken a path that is ours may have written to it.
    const { owned } = record.state;
    rescan.look([...neighbours.takenSince()].filter((path) => owned.has(path)));
    this.#wakeFreed();
  }

  /** Of two that have one path, the one whose record's name comes first keeps it. */
  #yieldContested(sync: Pick<Mending, 'mend'>): void {
    const { id, record, neighbours, claims, log } = this.#parts;
    for (const { id: theirs, state } of neighbours.living().filter((neighbour) => neighbour.id < id)) {
      const contested = [...state.owned.keys()].filter((path) => record.state.owned.has(path));
      if (contested.length === 0) continue;
      log.warn({ files: contested.length, to: theirs }, 'another process has the same files; they are left to it');
      for (const path of contested) {
        record.add({ drop: path });
        claims.release(path);
      }
      sync.mend(contested);
    }
  }

  #wakeFreed(): void {
    const { neighbours, onFree } = this.#parts;
    const taken = neighbours.living().map(({ state }) => state.owned);
    const free = [...this.#waiting].filter((path) => !taken.some((owned) => owned.has(path)));
    for (const path of free) this.#waiting.delete(path);
    if (free.length > 0) onFree();
  }
}
