import { errorMessage } from '../../shared/error-message.ts';
import { isOutside } from '../projection/file-path.ts';
import { hasErrorCode } from '../../shared/system-error.ts';
import { PathTakenError } from './volume.ts';

/** Why a path is not as it should be. */
export interface FileFault {
  readonly reason: string;
  /** Whether trying again may help, or somebody else has to act first. */
  readonly retriable: boolean;
  /** What the volume refused; absent where content has to be got first. */
  readonly error?: unknown;
  /** The hash of the URL, where only a download can mend it. */
  readonly download?: string;
}

/** A path belongs to another object than the one just seen; the content of that one isn't kept. */
export const contentMissing: FileFault = { reason: 'the content has to be fetched', retriable: true };

/** The first try of a download is waited for; one that has failed keeps nobody from starting. */
export const downloadMissing: FileFault = { reason: 'the content has to be downloaded', retriable: true };

// What may pass by itself: no space left, a limit reached, a device that fails.
const passing = ['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'ENOMEM', 'EIO'];

/**
 * A name too long for the file system and a path that something else takes stay as they are until somebody acts. So does a folder
 * outside of FOLDER that can't be written to: nobody but the object's author has asked for it.
 */
export function faultOf(path: string, error: unknown): FileFault {
  const lasting =
    error instanceof PathTakenError ||
    hasErrorCode(error, 'ENAMETOOLONG') ||
    (isOutside(path) && !hasErrorCode(error, ...passing));
  return { reason: errorMessage(error), retriable: !lasting, error };
}

/** The paths of a sync that are not as they should be. */
export class FileFaults {
  readonly #faults = new Map<string, FileFault>();

  get size(): number {
    return this.#faults.size;
  }

  /** Whether only what somebody else has to mend is left. */
  get settled(): boolean {
    return [...this.#faults.values()].every(({ retriable }) => !retriable);
  }

  /** Whether nothing is left that nobody has tried yet. */
  get tried(): boolean {
    return [...this.#faults.values()].every(({ retriable, error }) => !retriable || error !== undefined);
  }

  /** Whether nothing is left but downloads that somebody else tries again. */
  get repaired(): boolean {
    return [...this.#faults.values()].every(({ download, error }) => download !== undefined && error === undefined);
  }

  /** In words, for people: first what keeps the sync from being settled. */
  get descriptions(): string[] {
    const rank = ({ retriable }: FileFault): number => (retriable ? 0 : 1);
    const faults = [...this.#faults].sort(([, one], [, other]) => rank(one) - rank(other));
    return faults.map(([path, { reason }]) => `${path}: ${reason}`);
  }

  /** What somebody else has to mend. */
  get blocked(): string[] {
    return [...this.#faults].filter(([, { retriable }]) => !retriable).map(([path]) => path);
  }

  get paths(): string[] {
    return [...this.#faults.keys()];
  }

  get(path: string): FileFault | undefined {
    return this.#faults.get(path);
  }

  has(path: string): boolean {
    return this.#faults.has(path);
  }

  /** Answers whether the fault is new. */
  add(path: string, fault: FileFault): boolean {
    const known = this.#faults.get(path)?.reason === fault.reason;
    this.#faults.set(path, fault);
    return !known;
  }

  delete(path: string): void {
    this.#faults.delete(path);
  }

  /** Files that were removed may have stood in the way of these paths, which makes trying again worth it at once. */
  unblock(removed: readonly string[]): void {
    for (const [path, fault] of this.#faults) {
      const wasBlocked = removed.some((gone) => path.startsWith(`${gone}/`) || gone.startsWith(`${path}/`));
      if (wasBlocked) this.#faults.set(path, { ...fault, retriable: true });
    }
  }
}
