import { hash } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeSync,
  type Stats,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { absolutePath, isOutside } from '../projection/file-path.ts';
import { makeFolder, makeFolders } from './make-folder.ts';
import { hasErrorCode } from '../../shared/system-error.ts';
import { removeLeftovers, temporaryNames, type TemporaryNames, type TemporaryNaming } from './temporary-files.ts';

/** How a file looked when we wrote it; another look later shows whether somebody else touched it. */
export interface Fingerprint {
  readonly size: number;
  readonly mtimeMs: number;
  readonly inode: number;
}

export interface VolumeOptions extends TemporaryNaming {
  readonly folder: string;
  /** Where temporary files lie: a folder on the same mount, or the same folder. */
  readonly stateFolder: string;
}

/** Something that isn't a file of ours where one should be, or on the way there. */
export interface Obstacle {
  readonly at: string;
  readonly isFolder: boolean;
  readonly fingerprint: Fingerprint;
}

/** What came of writing a file. `changed` is false where the same content and mode stood there already. */
export interface Written {
  readonly changed: boolean;
  readonly fingerprint: Fingerprint;
}

/**
 * The folder that files are written to. Paths are relative to it, and no symbolic link below it is followed. An absolute path leads
 * out of it; on its way no link is followed at all. All calls are synchronous: files of this size take microseconds, which a thread pool would make many times longer.
 *
 * Every file is replaced atomically:
 *  1. make the missing folders on the way, refusing links among them
 *  2. leave the file alone when content and mode are right already
 *  3. write the content to a temporary file on the same mount: for an absolute path in the folder of the file
 *  4. give it its mode explicitly, as the umask takes bits from what `open` is told
 *  5. rename it over the target: a reader sees the old content or the new, and a crash leaves no part of it
 */
export class Volume {
  /** The folder with links resolved. */
  readonly root: string;
  /** One is enough, as no call ends before its file has moved; always the same name, so that a repeated error has the same text. */
  readonly #temporary: string;
  readonly #names: TemporaryNames;

  private constructor(root: string, temporary: string, names: TemporaryNames) {
    this.root = root;
    this.#temporary = temporary;
    this.#names = names;
  }

  /**
   * Opens the volume: makes the folder if it is missing, resolves it once (it may be a link itself), and removes temporary files
   * that a crash left. `id` tells the syncs apart that share a folder. Throws if `stateFolder` is on another mount.
   */
  static open({ folder, stateFolder, ...naming }: VolumeOptions): Volume {
    for (const path of [folder, stateFolder]) makeFolders(path);
    const root = realpathSync(folder);
    const state = realpathSync(stateFolder);
    const names = temporaryNames(naming);
    const temporary = join(state, names.nameFor('file'));
    removeLeftovers(state, names);
    if (hasErrorCode(refusedMove(temporary, root), 'EXDEV')) {
      throw new Error(`${stateFolder} must be on the same mount as ${folder}: files are moved from there to here`);
    }
    return new Volume(root, temporary, names);
  }

  /** Removes temporary files that a crash left in the folders of absolute paths. */
  sweep(paths: Iterable<string>): void {
    const outside = Iterator.from(paths).filter((path) => isOutside(path) && this.#reaches(path));
    for (const folder of new Set(outside.map((path) => dirname(path)))) {
      try {
        removeLeftovers(folder, this.#names);
      } catch {
        // A folder that we may no longer write to; the next write there says so.
      }
    }
  }

  /** The folders that a write of the path will have to make, outermost first. */
  missingFolders(path: string): string[] {
    return foldersAbove(path).filter((folder) => lstatOrNull(this.#resolve(folder)) === null);
  }

  /** Makes FOLDER and the state folder again where somebody has removed them meanwhile. */
  write(path: string, content: Buffer, mode: number): Written {
    try {
      return this.#write(path, content, mode);
    } catch (error) {
      if (isOutside(path) || !hasErrorCode(error, 'ENOENT')) throw error;
      for (const folder of [this.root, dirname(this.#temporary)]) makeFolders(folder);
      return this.#write(path, content, mode);
    }
  }

  #write(path: string, content: Buffer, mode: number): Written {
    const target = this.#resolve(path);
    this.#makeFoldersFor(path);
    const present = lstatOrNull(target);
    if (present && (present.mode & 0o777) === mode && hasContent(target, present, content)) {
      return { changed: false, fingerprint: fingerprintOf(present) };
    }
    if (isOutside(path) && present && isDevice(present)) throw new PathTakenError(`${target} is no ordinary file`);
    return { changed: true, fingerprint: this.#replace(path, content, mode) };
  }

  /** Removes a file; answers whether there was one. A folder in its place is somebody else's. */
  remove(path: string): boolean {
    try {
      if (!this.#reaches(path)) return false;
      unlinkSync(this.#resolve(path));
      return true;
    } catch (error) {
      if (isAbsence(error) || hasErrorCode(error, 'EISDIR')) return false;
      throw error;
    }
  }

  /** Removes a folder if it is empty; answers whether it is gone. */
  removeFolder(path: string): boolean {
    try {
      if (!this.#reaches(path)) return true;
      rmdirSync(this.#resolve(path));
      return true;
    } catch (error) {
      return isAbsence(error);
    }
  }

  /** Whether a folder is on the same mount as FOLDER itself. Throws where that can't be told. */
  isOnSameMount(folder: string): boolean {
    const error = refusedMove(join(this.#resolve(folder), basename(this.#temporary)), this.root);
    if (hasErrorCode(error, 'EXDEV')) return false;
    if (error === null || hasErrorCode(error, 'ENOENT')) return true;
    throw new Error(`it can't be told whether ${folder} is on the same mount`, { cause: error });
  }

  /** How the file looks now, or null when there is no regular file. */
  inspect(path: string): (Fingerprint & { readonly mode: number }) | null {
    const present = this.#reaches(path) ? lstatOrNull(this.#resolve(path)) : null;
    return present?.isFile() ? { ...fingerprintOf(present), mode: present.mode & 0o777 } : null;
  }

  /** What stands at a path, or in its way; null when nothing does. */
  obstacle(path: string): Obstacle | null {
    const isNoFolder = (folder: string): boolean => !(lstatOrNull(this.#resolve(folder))?.isDirectory() ?? true);
    const at = foldersAbove(path).find(isNoFolder) ?? path;
    const present = lstatOrNull(this.#resolve(at));
    return present && { at, isFolder: present.isDirectory(), fingerprint: fingerprintOf(present) };
  }

  /** SHA-256 of the file's content, or null when there is no regular file that we may read. */
  hash(path: string): string | null {
    if (!this.inspect(path)) return null;
    try {
      return contentHash(readFileSync(this.#resolve(path)));
    } catch (error) {
      if (isAbsence(error) || hasErrorCode(error, 'EACCES')) return null;
      throw error;
    }
  }

  #resolve(path: string): string {
    return absolutePath(this.root, path);
  }

  /** Whether every folder on the way to a path is a folder, none a link. */
  #reaches(path: string): boolean {
    return foldersAbove(path).every((folder) => lstatOrNull(this.#resolve(folder))?.isDirectory() ?? false);
  }

  #makeFoldersFor(path: string): void {
    for (const folder of foldersAbove(path)) {
      const present = lstatOrNull(this.#resolve(folder));
      if (present && !present.isDirectory()) {
        throw new PathTakenError(`${this.#resolve(folder)} is no folder, so that no file can be put into it`);
      }
      if (!present) makeFolder(this.#resolve(folder));
    }
  }

  #replace(path: string, content: Buffer, mode: number): Fingerprint {
    const target = this.#resolve(path);
    const temporary = this.#temporaryFor(path);
    try {
      const fingerprint = writeNew(temporary, content, mode);
      renameSync(temporary, target);
      return fingerprint;
    } catch (error) {
      rmSync(temporary, { force: true });
      if (hasErrorCode(error, 'EISDIR')) throw new PathTakenError(`${target} is a folder`, { cause: error });
      throw error;
    }
  }

  #temporaryFor(path: string): string {
    return isOutside(path) ? join(dirname(path), basename(this.#temporary)) : this.#temporary;
  }
}

/** Something that isn't ours stands where a file should go; only who put it there can mend that. */
export class PathTakenError extends Error {}

/** SHA-256 of a file's content, as claims and records have it. */
export function contentHash(content: Buffer): string {
  return hash('sha256', content, 'base64url');
}

/**
 * Why a file could not be moved into a folder. One file system can be mounted twice (two subPaths of a volume), and then the device
 * number is the same on both sides. Linux compares the mounts before it looks for the file, so that an absent one will do.
 */
function refusedMove(absentFile: string, folder: string): unknown {
  try {
    renameSync(absentFile, join(folder, basename(absentFile)));
    return null;
  } catch (error) {
    return error;
  }
}

function writeNew(path: string, content: Buffer, mode: number): Fingerprint {
  const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = constants;
  const file = openSync(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o600);
  try {
    for (let written = 0; written < content.length;) written += writeSync(file, content, written);
    fchmodSync(file, mode);
    return fingerprintOf(fstatSync(file));
  } finally {
    closeSync(file);
  }
}

function hasContent(path: string, present: Stats, content: Buffer): boolean {
  if (!present.isFile() || present.size !== content.length) return false;
  try {
    return readFileSync(path).equals(content);
  } catch (error) {
    // Somebody else's file that we may not read can still be replaced.
    if (hasErrorCode(error, 'EACCES')) return false;
    throw error;
  }
}

function fingerprintOf({ size, mtimeMs, ino }: Stats): Fingerprint {
  return { size, mtimeMs, inode: ino };
}

/** `a/b/c.json` → `a`, `a/b`; `/a/b/c.json` → `/a`, `/a/b`. */
function foldersAbove(path: string): string[] {
  const folder = dirname(path);
  return folder === '.' || folder === '/' ? [] : [...foldersAbove(folder), folder];
}

function isDevice(present: Stats): boolean {
  return !present.isFile() && !present.isDirectory() && !present.isSymbolicLink();
}

function lstatOrNull(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    // Nothing is below a file.
    if (hasErrorCode(error, 'ENOTDIR')) return null;
    throw error;
  }
}

function isAbsence(error: unknown): boolean {
  return hasErrorCode(error, 'ENOENT', 'ENOTDIR');
}
