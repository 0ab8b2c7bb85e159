import { closeSync, fchmodSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join, posix } from 'node:path';
import { isOutside } from './file-path.ts';
import type { OnDisk } from './plan.ts';
import { hasErrorCode } from './system-error.ts';
import { ownPrefix, type Fingerprint } from './volume.ts';

/**
 * A path that is ours: whose content we wrote and how the file looked then. Without a fingerprint the path was claimed but the
 * write not seen to its end; `claimed` is then the hash of what was to be written.
 */
export interface Owned extends OnDisk {
  readonly createdAt: string;
  readonly claimed?: string;
  readonly fingerprint: Fingerprint | null;
}

/** What a sync must still know after a restart. */
export interface RecordState {
  readonly owned: Map<string, Owned>;
  /** Folders that we made and remove once they are empty. */
  readonly folders: Set<string>;
  /** Whether a complete sync was ever reached on this volume. */
  complete: boolean;
  /** Whether a change has not been notified yet. */
  pending: boolean;
}

type Entry =
  | ({ readonly own: string } & Owned)
  | { readonly drop: string }
  | { readonly folder: string }
  | { readonly dropFolder: string }
  | { readonly complete: true }
  | { readonly pending: boolean };

const header = '# sync-sidecar: which files of this folder are kept in sync; written by the sidecar';
// A journal of twice the size that a fresh one would have costs nothing to speak of; below this many lines it isn't worth a thought.
const linesBeforeCompaction = 1000;

/**
 * The ownership record of one sync: an append-only journal, compacted now and then. Every line begins with `#`, because some
 * applications (Loki's ruler) read every file of their folder, hidden ones too, and take such lines for comments.
 *
 * Entries are appended before a new path is written and before the first change that needs a notification, and after everything
 * else: a crash in between leaves a claim too many, which the next sync corrects, never a file that nobody owns.
 */
export class OwnershipRecord {
  readonly state: RecordState;
  readonly #path: string;
  readonly #temporary: string;
  readonly #mode: number;
  #file: number | null = null;
  #lines = 0;
  #unwritten: Entry[] = [];

  private constructor(state: RecordState, path: string, mode: number) {
    this.state = state;
    this.#path = path;
    this.#temporary = `${path}.tmp-record`;
    this.#mode = mode;
  }

  /**
   * Reads the record of sync `id` in `folder` or starts an empty one; opens no file for writing before the first entry. `mode` is
   * that of the synced files: who may read those may read the hashes, and nobody else.
   */
  static open({ folder, id, mode }: { folder: string; id: string; mode: number }): OwnershipRecord {
    const path = join(folder, ownPrefix + id);
    return new OwnershipRecord(parseRecord(readOrEmpty(path)), path, mode);
  }

  /** Whether entries are not on disk yet, as a flush has failed or is still to come. */
  get isBehind(): boolean {
    return this.#unwritten.length > 0;
  }

  /** Takes an entry in; it is on disk after the next `flush`. */
  add(entry: Entry): void {
    applyEntry(this.state, entry);
    this.#unwritten.push(entry);
  }

  /** Writes what was added. Throws when the disk does not take it; the entries are then written by a later flush. */
  flush(): void {
    if (this.#unwritten.length === 0) return;
    const live = this.state.owned.size + this.state.folders.size;
    if (this.#file === null || this.#lines > 2 * live + linesBeforeCompaction) this.#rewrite();
    else this.#append(this.#file, this.#unwritten);
    this.#unwritten = [];
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #append(file: number, entries: readonly Entry[]): void {
    try {
      writeAll(file, printEntries(entries));
      this.#lines += entries.length;
    } catch (error) {
      // A part of a line may be on disk now; the next flush writes the whole record anew.
      this.close();
      throw error;
    }
  }

  #rewrite(): void {
    this.close();
    const entries = [...entriesOf(this.state)];
    const file = openSync(this.#temporary, 'w', 0o600);
    try {
      fchmodSync(file, this.#mode);
      writeAll(file, `${header}\n${printEntries(entries)}`);
      renameSync(this.#temporary, this.#path);
    } catch (error) {
      closeSync(file);
      rmSync(this.#temporary, { force: true });
      throw error;
    }
    this.#file = file;
    this.#lines = entries.length;
  }
}

/** Whether a file still looks as it did when we wrote it; `present` is how it looks now, null when there is none. */
export function isUntouched({ fingerprint, mode }: Owned, present: (Fingerprint & { mode: number }) | null): boolean {
  return (
    present !== null &&
    fingerprint?.inode === present.inode &&
    fingerprint.size === present.size &&
    fingerprint.mtimeMs === present.mtimeMs &&
    mode === present.mode
  );
}

/** The state that a record's text tells; lines that a crash cut off are passed over. */
export function parseRecord(text: string): RecordState {
  const state: RecordState = { owned: new Map(), folders: new Set(), complete: false, pending: false };
  for (const line of text.split('\n')) {
    const entry = parseEntry(line);
    if (entry && isInside(entry)) applyEntry(state, entry);
  }
  return state;
}

function parseEntry(line: string): Entry | null {
  if (!line.startsWith('# {')) return null;
  try {
    return JSON.parse(line.slice(2)) as Entry;
  } catch {
    return null;
  }
}

/**
 * Who can write to the folder can write to the record: it must not lead us out of the folder but by an absolute path, which the
 * sync's own rules have to allow.
 */
function isInside(entry: Entry): boolean {
  if (!('own' in entry || 'folder' in entry)) return true;
  const path: unknown = 'own' in entry ? entry.own : entry.folder;
  if (typeof path !== 'string' || path.includes('\0') || path === '' || path.endsWith('/')) return false;
  return posix.join('/', path) === (isOutside(path) ? path : `/${path}`);
}

function applyEntry(state: RecordState, entry: Entry): void {
  if ('own' in entry) {
    const { own, ...owned } = entry;
    state.owned.set(own, owned);
  } else if ('drop' in entry) state.owned.delete(entry.drop);
  else if ('folder' in entry) state.folders.add(entry.folder);
  else if ('dropFolder' in entry) state.folders.delete(entry.dropFolder);
  else if ('complete' in entry) state.complete = true;
  else if ('pending' in entry) state.pending = entry.pending;
}

function* entriesOf({ owned, folders, complete, pending }: RecordState): Generator<Entry> {
  for (const [path, facts] of owned) yield { own: path, ...facts };
  for (const folder of folders) yield { folder };
  if (complete) yield { complete };
  if (pending) yield { pending };
}

function printEntries(entries: readonly Entry[]): string {
  return entries.map((entry) => `# ${JSON.stringify(entry)}\n`).join('');
}

function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return '';
    throw error;
  }
}
