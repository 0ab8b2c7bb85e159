import { join, relative } from 'node:path';
import { absolutePath } from '../projection/file-path.ts';
import { ownPrefix } from '../projection/own-prefix.ts';

/**
 * Which sync of this process has which file: two syncs may write to one folder, and must not fight over a path in it. Paths are
 * absolute, with links resolved.
 */
export class PathOwners {
  readonly #owners = new Map<string, string>();
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #syncs = new Map<string, FolderSync>();

  /** Takes in a sync of this process; one that is opened again takes its place. */
  join(sync: FolderSync): void {
    this.#syncs.set(join(sync.root, ownPrefix + sync.id), sync);
  }

  /** Whether a record in a folder is kept by a sync of this process. */
  keepsRecord(folder: string, id: string): boolean {
    return this.#syncs.has(join(folder, ownPrefix + id));
  }

  /** Whether an object of any sync of this process claims a file, or one of them has it. */
  isClaimed(file: string): boolean {
    return this.#owners.has(file) || this.#syncs.values().some(({ root, wants }) => wants(relative(root, file), file));
  }

  /** The view of one sync: `owner` names it for people, `onFree` is called when a path that was refused becomes free. */
  of(owner: string, folder: string, onFree: () => void): PathClaims {
    return {
      claim: (path) => this.#claim(absolutePath(folder, path), owner, onFree),
      release: (path) => this.#release(absolutePath(folder, path), owner),
    };
  }

  #claim(path: string, owner: string, onFree: () => void): string | null {
    const present = this.#owners.get(path) ?? owner;
    if (present === owner) {
      this.#owners.set(path, owner);
      return null;
    }
    this.#waiting.set(path, (this.#waiting.get(path) ?? new Set()).add(onFree));
    return present;
  }

  #release(path: string, owner: string): void {
    if (this.#owners.get(path) !== owner) return;
    this.#owners.delete(path);
    const waiting = this.#waiting.get(path) ?? [];
    this.#waiting.delete(path);
    for (const onFree of waiting) onFree();
  }
}

/** A sync of this process, as others of it see it. */
export interface FolderSync {
  /** Its FOLDER with links resolved. */
  readonly root: string;
  /** Of its record, which may lie in that folder. */
  readonly id: string;
  /** Whether an object of it claims a file, which has a path within its FOLDER and an absolute one. */
  readonly wants: (path: string, absolute: string) => boolean;
}

/** What a sync has of the paths of its folder. */
export interface PathClaims {
  /** Takes a path; answers null, or the name of the sync that has it already. */
  claim(path: string): string | null;
  release(path: string): void;
}
