import { absolutePath } from './file-path.ts';

/**
 * Which sync of this process has which file: two syncs may write to one folder, and must not fight over a path in it. Paths are
 * absolute, with links resolved.
 */
export class PathOwners {
  readonly #owners = new Map<string, string>();
  readonly #waiting = new Map<string, Set<() => void>>();

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

/** What a sync has of the paths of its folder. */
export interface PathClaims {
  /** Takes a path; answers null, or the name of the sync that has it already. */
  claim(path: string): string | null;
  release(path: string): void;
}
