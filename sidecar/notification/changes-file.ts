import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { ToldChanges } from '../files/file-changes.ts';

export interface ChangesFilePlaces {
  /** Folders that may be writable, in the order in which they are tried. */
  readonly candidates: readonly string[];
  /** What the application reads: nothing is put in here. */
  readonly notIn: string;
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
  { candidates, notIn }: ChangesFilePlaces,
): ChangesFile | null {
  const { sync, complete, written, removed, objects } = changes;
  for (const candidate of candidates) {
    const folder = makeFolder(candidate, notIn);
    if (folder === null) continue;
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
function makeFolder(parent: string, notIn: string): string | null {
  try {
    return contains(realpathSync(notIn), realpathSync(parent)) ? null : mkdtempSync(join(parent, 'sync-sidecar-'));
  } catch {
    return null;
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
