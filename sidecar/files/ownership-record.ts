import { join, posix } from 'node:path';
import { isOutside } from '../projection/file-path.ts';
import type { OnDisk } from '../projection/plan.ts';
import { RecordFile } from './record-file.ts';
import { ownPrefix } from '../projection/own-prefix.ts';
import { temporaryNames, type TemporaryNaming } from './temporary-files.ts';
import type { Fingerprint } from './volume.ts';

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
  /** Whether ADOPT_FOLDER=once has been done. */
  adopted: boolean;
  /** Whether the last process has ended in order, so that its paths are free. */
  closed: boolean;
  /** What the sync selects, for people. */
  selects: string | null;
}

type Entry =
  | ({ readonly own: string } & Owned)
  | { readonly drop: string }
  | { readonly folder: string }
  | { readonly dropFolder: string }
  | { readonly complete: true }
  | { readonly pending: boolean }
  | { readonly adopted: true }
  | { readonly closed: boolean }
  | { readonly selects: string };

export interface RecordOptions extends TemporaryNaming {
  readonly folder: string;
  /** That of the synced files: who may read those may read the hashes, and nobody else. */
  readonly mode: number;
  /** What the sync selects, for people who see that a path is its. */
  readonly selects?: string;
}

const header = '# sync-sidecar: which files of this folder are kept in sync; written by the sidecar';
// A journal of twice the size that a fresh one would have costs nothing to speak of; below this many lines it isn't worth a thought.
const linesBeforeCompaction = 1000;
// Two processes that write at the same moment see each other at the second try; who loses more often is seen by the next beat.
const triesAgainstOthers = 3;

/**
 * The ownership record of one sync: an append-only journal, compacted now and then. Every line begins with `#`, because some
 * applications (Loki's ruler) read every file of their folder, hidden ones too, and take such lines for comments.
 *
 * Entries are appended before a new path is written and before the first change that needs a notification, and after everything
 * else: a crash in between leaves a claim too many, which the next sync corrects, never a file that nobody owns.
 *
 * Two processes that share a volume may keep the same record. What the other one writes down stays there, and what it takes
 * away of what this one knows is written down again: again a claim too many at the worst. `state` is what this process knows.
 */
export class OwnershipRecord {
  readonly state: RecordState;
  readonly #file: RecordFile;
  #lines = 0;
  #unwritten: Entry[] = [];
  /** Whether somebody else has written to the file, so that it may have entries that this process doesn't know. */
  #hasOthers = false;

  private constructor(options: RecordOptions) {
    const { folder, id, mode, selects } = options;
    const temporary = join(folder, temporaryNames(options).nameFor('record'));
    this.#file = new RecordFile({ path: join(folder, ownPrefix + id), temporary, mode });
    this.state = parseRecord(this.#file.read());
    if (selects !== undefined) this.state.selects = selects;
    if (this.state.closed) this.add({ closed: false });
    else this.#file.expectOthers();
  }

  /** Reads the record of sync `id` in `folder` or starts an empty one; opens no file for writing before the first entry. */
  static open(options: RecordOptions): OwnershipRecord {
    return new OwnershipRecord(options);
  }

  /** Whether entries are not on disk yet, as a flush has failed or is still to come. */
  get isBehind(): boolean {
    return this.#unwritten.length > 0;
  }

  /** When this process last wrote or touched the file, by the file system's clock; null before it has. */
  get touchedMs(): number | null {
    return this.#file.touchedMs;
  }

  /** Whether another process keeps this record too, as far as it has given signs of life lately. Throws when the file can't be read. */
  isShared(): boolean {
    this.#takeInNews();
    return this.#file.isShared;
  }

  /** Takes an entry in; it is on disk after the next `flush`. */
  add(entry: Entry): void {
    applyEntry(this.state, entry);
    this.#unwritten.push(entry);
  }

  /** Writes what was added. Throws when the disk does not take it; the entries are then written by a later flush. */
  flush(): void {
    if (this.#unwritten.length === 0) return;
    this.#takeInNews();
    for (let tries = 1; !this.#write() && tries < triesAgainstOthers; tries++) this.#takeInNews();
    this.#unwritten = [];
  }

  /** Gives a sign of life, and writes down again what somebody else has taken away. Throws as `flush` does. */
  beat(): void {
    this.#takeInNews();
    this.flush();
    if (!this.#file.exists || this.#file.touch()) return;
    // Somebody else's file can't be touched, but replaced.
    this.close();
    this.add({ closed: false });
    this.flush();
  }

  /** The orderly end: the paths are free, unless another process keeps this record too. Throws as `flush` does. */
  end(): void {
    try {
      if (!this.#file.exists && this.#unwritten.length === 0) return;
      this.beat();
      if (!this.#file.isShared) this.add({ closed: true });
      this.flush();
    } finally {
      this.close();
    }
  }

  close(): void {
    this.#file.close();
  }

  #takeInNews(): void {
    const news = this.#file.news();
    if (!news) return;
    this.#hasOthers = true;
    if (!news.whole) return this.#restore(news.text);
    this.#lines = lineCount(news.text);
    const theirs = parseRecord(news.text);
    for (const entry of entriesOf(this.state)) if (!isIn(theirs, entry)) this.#unwritten.push(entry);
    if (theirs.closed) this.#unwritten.push({ closed: false });
    this.#file.join();
    // A line that a crash cut off must not swallow ours.
    if (news.text !== '' && !news.text.endsWith('\n')) this.#file.close();
  }

  /** Writes down again what somebody else's lines take away of what this process knows. */
  #restore(text: string): void {
    this.#lines += lineCount(text);
    for (const entry of parseEntries(text)) this.#unwritten.push(...restorations(entry, this.state));
  }

  /** Answers false when the file was somebody else's meanwhile, and has to be looked at again. */
  #write(): boolean {
    const live = this.state.owned.size + this.state.folders.size;
    if (!this.#file.isOpen || this.#lines > 2 * live + linesBeforeCompaction) return this.#rewrite();
    this.#lines += this.#unwritten.length;
    return this.#file.append(printEntries(this.#unwritten));
  }

  #rewrite(): boolean {
    const entries = [...entriesOf(this.#hasOthers ? this.#unite() : this.state)];
    const late = this.#file.replace(`${header}\n${printEntries(entries)}`);
    this.#lines = entries.length;
    if (!late) return true;
    // What others wrote at the same moment has to be in the new file too; what it takes away of ours is written once more.
    this.#hasOthers = true;
    this.#file.append(late.text);
    this.#unwritten = [];
    this.#restore(late.text);
    return this.#unwritten.length === 0;
  }

  /** What this process knows and what others have written. */
  #unite(): RecordState {
    const united = parseRecord(this.#file.read());
    for (const entry of [...this.#unwritten, ...entriesOf(this.state)]) applyEntry(united, entry);
    return { ...united, closed: this.state.closed };
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

/** The state that a record's text tells, after an earlier part of it has told `state`; lines that a crash cut off, and entries of another version, are passed over. */
export function parseRecord(text: string, state = emptyState()): RecordState {
  for (const entry of parseEntries(text)) applyEntry(state, entry);
  return state;
}

/** The paths that a part of a record says are its, also where it lets go of them later. */
export function pathsTakenIn(text: string): string[] {
  return parseEntries(text).flatMap((entry) => ('own' in entry ? entry.own : []));
}

/** What a record tells that has nothing in it. */
export function emptyState(): RecordState {
  return {
    owned: new Map(),
    folders: new Set(),
    complete: false,
    pending: false,
    adopted: false,
    closed: false,
    selects: null,
  };
}

function parseEntries(text: string): Entry[] {
  return text.split('\n').flatMap((line) => {
    const entry = parseEntry(line);
    return entry && isInside(entry) && isUsable(entry) ? [entry] : [];
  });
}

function parseEntry(line: string): Entry | null {
  if (!line.startsWith('# {')) return null;
  try {
    return JSON.parse(line.slice(2)) as Entry;
  } catch {
    return null;
  }
}

/** Whether an `own` entry has what is needed to go on with it: somebody else may have written to the file. */
function isUsable(entry: Entry): boolean {
  if (!('own' in entry)) return true;
  const { source, createdAt, hash, mode, fingerprint }: Partial<Owned> = entry;
  const areTexts = typeof source === 'string' && typeof createdAt === 'string';
  const isFile = (hash === null || typeof hash === 'string') && Number.isInteger(mode);
  return areTexts && isFile && typeof fingerprint === 'object';
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
  else if ('adopted' in entry) state.adopted = true;
  else if ('closed' in entry) state.closed = entry.closed;
  else if ('selects' in entry) state.selects = entry.selects;
}

/** What has to be written down again so that the state stands although somebody else wrote the entry. */
function restorations(entry: Entry, state: RecordState): Entry[] {
  if ('drop' in entry) {
    const owned = state.owned.get(entry.drop);
    return owned ? [{ own: entry.drop, ...owned }] : [];
  }
  if ('dropFolder' in entry) return state.folders.has(entry.dropFolder) ? [{ folder: entry.dropFolder }] : [];
  if ('pending' in entry) return state.pending ? [{ pending: true }] : [];
  return 'closed' in entry && !state.closed ? [{ closed: false }] : [];
}

/** Whether the state says what the entry says. */
function isIn(state: RecordState, entry: Entry): boolean {
  if ('own' in entry) return state.owned.has(entry.own);
  if ('folder' in entry) return state.folders.has(entry.folder);
  return Object.entries(entry).every(([name, value]) => state[name as keyof RecordState] === value);
}

function* entriesOf({ owned, folders, ...state }: RecordState): Generator<Entry> {
  if (state.selects !== null) yield { selects: state.selects };
  for (const [path, facts] of owned) yield { own: path, ...facts };
  for (const folder of folders) yield { folder };
  if (state.complete) yield { complete: true };
  if (state.pending) yield { pending: true };
  if (state.adopted) yield { adopted: true };
  if (state.closed) yield { closed: true };
}

function printEntries(entries: readonly Entry[]): string {
  return entries.map((entry) => `# ${JSON.stringify(entry)}\n`).join('');
}

function lineCount(text: string): number {
  return text.split('\n').length - 1;
}
