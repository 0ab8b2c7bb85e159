import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  lutimesSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
  type Stats,
} from 'node:fs';
import { dirname } from 'node:path';
import { makeFolders } from './make-folder.ts';
import { hasErrorCode } from '../../shared/system-error.ts';

/** What others have written to a record's file: all that it has now, or what was added to it. */
export interface RecordNews {
  readonly text: string;
  readonly whole: boolean;
}

export interface RecordFileOptions {
  readonly path: string;
  /** Where a new file is written before it takes the place of the old one. */
  readonly temporary: string;
  readonly mode: number;
}

// Four signs of life (every 30 s, see sync-assembly.ts): one that comes late, or not at all, does no harm.
export const lifeMs = 120_000;

/**
 * The journal file of an ownership record. Two processes can have the same one on a volume that they share, so that each looks
 * before it writes whether the file is still the one that it knows, and afterwards whether it was replaced meanwhile.
 */
export class RecordFile {
  readonly #options: RecordFileOptions;
  #file: number | null = null;
  /** The file as this process last read or wrote it. */
  #known: Known | null = null;
  /** When somebody else was last seen to write or touch it, by the file system's clock. */
  #othersSeen = -Infinity;
  /** When this process last wrote or touched it, by the file system's clock; null before it has. */
  touchedMs: number | null = null;

  constructor(options: RecordFileOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#file !== null;
  }

  /** When somebody else was last seen to write or touch the file, by the file system's clock; -Infinity for never. */
  get othersSeenMs(): number {
    return this.#othersSeen;
  }

  get exists(): boolean {
    return this.#known !== null;
  }

  /** Whether another process has given a sign of life lately. */
  get isShared(): boolean {
    return this.touchedMs !== null && this.touchedMs - this.#othersSeen < lifeMs;
  }

  /** All that the file has; '' when there is none. */
  read(): string {
    const file = openToRead(this.#options.path);
    this.#known = null;
    return file === null ? '' : this.#readFrom(file, 0);
  }

  /** Who wrote the file may still be there. */
  expectOthers(): void {
    if (this.#known) this.#othersSeen = this.#known.changedMs;
  }

  /** What others have written since this process last looked, null when they have not. */
  news(): RecordNews | null {
    const present = lstatSync(this.#options.path, { throwIfNoEntry: false });
    const known = this.#known;
    if (!present && !known) return null;
    if (present && present.ctimeMs !== known?.changedMs) this.#othersSeen = present.ctimeMs;
    if (!present || !known || !isSame(present, known)) return this.#readNews();
    known.changedMs = present.ctimeMs;
    return null;
  }

  #readNews(): RecordNews | null {
    const file = openToRead(this.#options.path);
    const known = this.#known;
    if (file !== null && known && hasGrown(file, known)) {
      const text = this.#readLines(file, known);
      return text === '' ? null : { text, whole: false };
    }
    this.close();
    this.#known = null;
    return { text: file === null ? '' : this.#readFrom(file, 0), whole: true };
  }

  /** Goes on in the file that somebody else has written; without effect when that is not possible. */
  join(): void {
    this.close();
    try {
      this.#file = openPresent(this.#options.path, constants.O_WRONLY | constants.O_APPEND);
    } catch (error) {
      if (!hasErrorCode(error, 'EACCES', 'EPERM')) throw error;
    }
  }

  /** Answers false when the file was replaced meanwhile, so that nobody will read the text. */
  append(text: string): boolean {
    if (this.#file === null) return false;
    try {
      const bytes = Buffer.from(text);
      writeAll(this.#file, bytes);
      return this.#noteAppended(bytes.length);
    } catch (error) {
      // A part of a line may be on disk now; who opens the file again writes it anew.
      this.close();
      throw error;
    }
  }

  /** Puts a file with this text in its place. Answers what others have added to the old one too late to be in the text. */
  replace(text: string): RecordNews | null {
    const { path, temporary, mode } = this.#options;
    const before = this.#known;
    this.close();
    const file = openNew(temporary);
    let old: number | null = null;
    try {
      old = before && openToRead(path);
      fchmodSync(file, mode);
      writeAll(file, Buffer.from(text));
      renameSync(temporary, path);
    } catch (error) {
      closeSync(file);
      if (old !== null) closeSync(old);
      rmSync(temporary, { force: true });
      throw error;
    }
    this.#file = file;
    const late = old === null ? null : lateNews(old, before);
    this.#note(fstatSync(file));
    return late;
  }

  /** A sign of life: it changes the time of the last change of the inode, by the file system's clock. Answers false when we may not. */
  touch(): boolean {
    const { path } = this.#options;
    const present = lstatSync(path, { throwIfNoEntry: false });
    if (!present) return false;
    try {
      // The times given are those of this node, which may differ from others'. Nobody looks at them: they only have to be set.
      lutimesSync(path, present.atime, present.mtime);
    } catch (error) {
      if (hasErrorCode(error, 'EPERM', 'EACCES', 'ENOENT')) return false;
      throw error;
    }
    this.#noteTouched(lstatSync(path, { throwIfNoEntry: false }));
    return true;
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  /** What was added, as far as its lines are whole; the rest is still to come. */
  #readLines(file: number, { size }: Known): string {
    const lines = wholeLines(this.#readFrom(file, size));
    if (this.#known) this.#known.size = size + Buffer.byteLength(lines);
    return lines;
  }

  #readFrom(file: number, start: number): string {
    try {
      const bytes = readFrom(file, start);
      const { ino, ctimeMs } = fstatSync(file);
      this.#known = { inode: ino, size: start + bytes.length, changedMs: ctimeMs };
      return bytes.toString();
    } finally {
      closeSync(file);
    }
  }

  /** What somebody else appended at the same time is read later, together with what we did. */
  #noteAppended(length: number): boolean {
    const present = lstatSync(this.#options.path, { throwIfNoEntry: false });
    const known = this.#known;
    if (!present || present.ino !== known?.inode) return false;
    const expected = known.size + length;
    this.#note(present);
    if (present.size !== expected) this.#known = { ...known, changedMs: present.ctimeMs };
    return true;
  }

  #noteTouched(present: Stats | undefined): void {
    if (present && this.#known?.inode === present.ino) this.#known.changedMs = present.ctimeMs;
    if (present) this.touchedMs = present.ctimeMs;
  }

  #note({ ino, size, ctimeMs }: Stats): void {
    this.#known = { inode: ino, size, changedMs: ctimeMs };
    this.touchedMs = ctimeMs;
  }
}

interface Known {
  readonly inode: number;
  size: number;
  changedMs: number;
}

function isSame({ ino, size }: Stats, known: Known): boolean {
  return ino === known.inode && size === known.size;
}

function hasGrown(file: number, known: Known): boolean {
  const { ino, size } = fstatSync(file);
  return ino === known.inode && size > known.size;
}

/** Somebody may have removed the folder meanwhile. */
function openNew(path: string): number {
  const open = (): number =>
    openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND, 0o600);
  try {
    return open();
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
    makeFolders(dirname(path));
    return open();
  }
}

/** Null when there is none. A link, a pipe or a device is no record: it is replaced by one, not followed or waited for. */
function openToRead(path: string): number | null {
  return openPresent(path, constants.O_RDONLY);
}

function openPresent(path: string, flags: number): number | null {
  try {
    const file = openSync(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const present = fstatSync(file);
    // Reading a folder fails, and says what is wrong.
    if (present.isFile() || present.isDirectory()) return file;
    closeSync(file);
    return null;
  } catch (error) {
    // A pipe that nobody reads, or a socket: ENXIO.
    if (hasErrorCode(error, 'ENOENT', 'ELOOP', 'ENXIO')) return null;
    throw error;
  }
}

function lateNews(old: number, known: Known | null): RecordNews | null {
  try {
    const { ino } = fstatSync(old);
    const whole = ino !== known?.inode;
    const text = wholeLines(readFrom(old, whole ? 0 : known.size).toString());
    return text === '' ? null : { text, whole };
  } finally {
    closeSync(old);
  }
}

function wholeLines(text: string): string {
  return text.slice(0, text.lastIndexOf('\n') + 1);
}

function readFrom(file: number, start: number): Buffer {
  const bytes = Buffer.alloc(Math.max(0, fstatSync(file).size - start));
  let read = 0;
  while (read < bytes.length) {
    const length = readSync(file, bytes, { offset: read, position: start + read });
    if (length === 0) break;
    read += length;
  }
  return bytes.subarray(0, read);
}

function writeAll(file: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
}
