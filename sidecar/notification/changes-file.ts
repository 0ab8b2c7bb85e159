import { lstatSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { ToldChanges } from '../files/file-changes.ts';

export interface ChangesFilePlaces {
  /** Folders that may be writable, in the order in which they are tried. */
  readonly candidates: readonly string[];
  /** What the application reads: nothing is put in here. */
  readonly notIn: string;
  /** Of the sync, the same after a restart. */
  readonly id: string;
  /** Milliseconds after which no call can need such a file any more, whichever process made it. */
  readonly abandonedMs: number;
}

/** A JSON file for SCRIPT; it goes when it is disposed of. */
export interface ChangesFile extends Disposable {
  readonly path: string;
}

/**
 * Writes what a sync has changed to a file that nobody but this user can read, in a new folder of its own. Answers null when none of
 * the places takes it.
 */
export function writeChangesFile(
  changes: ToldChanges & { readonly sync: string },
  places: ChangesFilePlaces,
): ChangesFile | null {
  const { sync, complete, written, removed, objects } = changes;
  for (const candidate of places.candidates) {
    const folder = makeFolder(candidate, places);
    if (folder === null) continue;
    removeAbandoned(candidate, folder, places);
    const path = join(folder, 'changes.json');
    try {
      writeFileSync(path, JSON.stringify({ sync, complete, written, removed, objects }), { mode: 0o600 });
      return { path, [Symbol.dispose]: () => removeFolder(folder) };
    } catch {
      // A full disk; the next one may not be.
      removeFolder(folder);
    }
  }
  return null;
}

/** Answers null where there is no such folder, or nothing can be written to it: a read-only root file system is usual. */
function makeFolder(parent: string, { notIn, id }: ChangesFilePlaces): string | null {
  try {
    return contains(realpathSync(notIn), realpathSync(parent)) ? null : mkdtempSync(join(parent, prefixOf(id)));
  } catch {
    return null;
  }
}

function prefixOf(id: string): string {
  return `sync-sidecar-${id}-`;
}

/**
 * Removes what processes of this sync have left that were killed. Others of them may live and share the place, so that only age tells:
 * by the file system's own clock, which the new `folder` has the time of.
 */
function removeAbandoned(parent: string, folder: string, { id, abandonedMs }: ChangesFilePlaces): void {
  try {
    const now = lstatSync(folder).mtimeMs;
    const all = readdirSync(parent).filter((name) => name.startsWith(prefixOf(id)));
    for (const path of all.map((name) => join(parent, name))) {
      if (now - lstatSync(path).mtimeMs > abandonedMs) removeFolder(path);
    }
  } catch {
    // Another process has just removed one; the next call looks again.
  }
}

function contains(folder: string, path: string): boolean {
  return !/^\.\.(\/|$)/.test(relative(folder, path));
}

function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // What is left has nothing secret in it and disturbs nobody.
  }
}
