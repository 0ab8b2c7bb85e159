import { readdirSync, type Dirent } from 'node:fs';
import { join, posix } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from '../../shared/log/log.ts';
import type { FileChanges } from './file-changes.ts';
import { isOutside } from '../projection/file-path.ts';
import { recordIdOf, type Neighbours } from './neighbours.ts';
import type { OwnershipRecord } from './ownership-record.ts';
import { ownPrefix } from '../projection/own-prefix.ts';
import type { Volume } from './volume.ts';

export interface AdoptionParts {
  readonly volume: Pick<Volume, 'root' | 'isOnSameMount' | 'remove' | 'removeFolder'>;
  readonly record: OwnershipRecord;
  readonly log: Logger;
  /** FOLDER as the log has it. */
  readonly folder: string;
  /** FOLDER as the application sees it. */
  readonly appFolder: string;
  readonly notifies: boolean;
  readonly onChange: (changes: FileChanges) => void;
  /** Whether an object of any sync of this process claims a file, or one of them has it; the path is absolute. */
  readonly isClaimed: (file: string) => boolean;
  /** The records of other processes in a folder. */
  readonly neighboursIn: (folder: string) => Pick<Neighbours, 'refresh' | 'living'>;
}

// A removal takes some 20 µs: nothing else waits longer than a few milliseconds.
const stepsAtOnce = 200;
// The root of an ext4 file system has it, and fsck wants it back.
const ofTheFileSystem = 'lost+found';

/**
 * ADOPT_FOLDER=once: removes what no object claims from FOLDER, whoever wrote it, once for a record. What is ours, or a living
 * sync's of another process, stays; links are removed, not followed, and what is mounted below FOLDER is not entered.
 * Answers whether it is done; a crash, or a file that can't be removed, leaves the rest to the next start.
 */
export async function adoptFolder(parts: AdoptionParts, signal: AbortSignal): Promise<boolean> {
  const { record, log, folder } = parts;
  const found = await findUnclaimed(parts, signal);
  if (signal.aborted) return false;
  log.info({ folder, files: found.files.length }, 'ADOPT_FOLDER=once: removing every file that no object claims');
  const failed = await removeAll(found.files, parts, signal);
  for (const path of found.folders.toReversed()) tryStep(() => parts.volume.removeFolder(path));
  if (failed > 0 || signal.aborted) return false;
  record.add({ adopted: true });
  return true;
}

interface Found {
  /** Paths in FOLDER. */
  readonly files: string[];
  /** An outer folder before the inner ones. */
  readonly folders: string[];
}

async function findUnclaimed(parts: AdoptionParts, signal: AbortSignal): Promise<Found> {
  const { root } = parts.volume;
  const found: Found = { files: [], folders: [] };
  const open = ['.'];
  const kept = new Set<string>();
  for (let at = open.shift(); at !== undefined && !signal.aborted; at = open.shift()) {
    const entries = readFolder(join(root, at), parts);
    keepNeighboursFiles(at, { entries, kept, parts });
    for (const entry of entries) {
      const path = posix.join(at, entry.name);
      if (mayGo(entry, path, parts)) found.files.push(path);
      if (!entry.isDirectory() || entry.name === ofTheFileSystem || !mayEnter(path, parts)) continue;
      open.push(path);
      found.folders.push(path);
    }
    await nextTurn();
  }
  return { ...found, files: found.files.filter((path) => !kept.has(path)) };
}

function mayGo(entry: Dirent, path: string, { volume, isClaimed }: AdoptionParts): boolean {
  if (!entry.isFile() && !entry.isSymbolicLink()) return false;
  return !entry.name.startsWith(ownPrefix) && !isClaimed(join(volume.root, path));
}

/** Where it can't be told what is mounted there, everything may be somebody else's. */
function mayEnter(path: string, { volume, log, folder }: AdoptionParts): boolean {
  try {
    return volume.isOnSameMount(path);
  } catch (error) {
    log.warn({ path: posix.join(folder, path), err: error }, 'a folder can not be searched, and stays as it is');
    return false;
  }
}

/** What can't be read can't be emptied. */
function readFolder(path: string, { log }: AdoptionParts): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    log.warn({ path, err: error }, 'a folder can not be read, and stays as it is');
    return [];
  }
}

/** A folder with a record in it is another sync's FOLDER. */
function keepNeighboursFiles(at: string, { entries, kept, parts }: NeighboursFiles): void {
  if (!entries.some(({ name }) => recordIdOf(name) !== null)) return;
  const { root } = parts.volume;
  const neighbours = parts.neighboursIn(join(root, at));
  neighbours.refresh();
  const owned = neighbours.living().flatMap(({ state }) => [...state.owned.keys()]);
  // An absolute path leads out of the neighbour's FOLDER, and maybe to another place in ours.
  for (const path of owned) kept.add(isOutside(path) ? posix.relative(root, path) : posix.join(at, path));
}

interface NeighboursFiles {
  readonly entries: readonly Dirent[];
  readonly kept: Set<string>;
  readonly parts: AdoptionParts;
}

/** Answers how many could not be removed. */
async function removeAll(files: readonly string[], parts: AdoptionParts, signal: AbortSignal): Promise<number> {
  const removed: string[] = [];
  let failed = 0;
  if (files.length > 0) notePending(parts);
  for (const [n, path] of files.entries()) {
    if (n % stepsAtOnce === stepsAtOnce - 1) await nextTurn();
    if (signal.aborted) break;
    const outcome = removeFile(path, parts);
    if (outcome === 'removed') removed.push(posix.join(parts.appFolder, path));
    else if (outcome === 'failed') failed++;
  }
  if (removed.length > 0) parts.onChange({ written: [], removed, objects: [] });
  return failed;
}

function removeFile(path: string, { volume, log, folder, isClaimed }: AdoptionParts): 'removed' | 'kept' | 'failed' {
  const target = posix.join(folder, path);
  // An object may claim it by now.
  if (isClaimed(join(volume.root, path))) return 'kept';
  try {
    if (!volume.remove(path)) return 'kept';
    log.info({ path: target }, `Removing ${target}`);
    return 'removed';
  } catch (error) {
    log.error({ path: target, err: error }, 'a file that no object claims could not be removed');
    return 'failed';
  }
}

/** On disk before the first file goes, if the disk takes it: freeing it may be what helps. */
function notePending({ record, notifies }: AdoptionParts): void {
  if (!notifies || record.state.pending) return;
  record.add({ pending: true });
  tryStep(() => record.flush());
}

function tryStep(step: () => unknown): void {
  try {
    step();
  } catch {
    // What isn't written is written by a later flush; a folder that is in use stays.
  }
}
