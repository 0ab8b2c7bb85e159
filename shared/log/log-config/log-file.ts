import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

export interface LogFileOptions {
  readonly path: string;
  /** Whether what is in it already stays. */
  readonly append: boolean;
  /** It is rotated before it has more bytes; 0 for never. */
  readonly maxBytes: number;
  /** How many older files are kept: `path.1` is the latest of them. With 0 it is never rotated, or all would be lost. */
  readonly backupCount: number;
  /** Called when writing begins to fail, and not again before it has worked once. */
  readonly onFailure: (error: unknown) => void;
}

/** A file of log lines that is rotated as Python's RotatingFileHandler does it. */
export class LogFile {
  readonly #options: LogFileOptions;
  #descriptor: number;
  #size: number;
  #isFailing = false;

  private constructor(options: LogFileOptions) {
    this.#options = options;
    this.#descriptor = openSync(options.path, options.append ? 'a' : 'w');
    this.#size = fstatSync(this.#descriptor).size;
  }

  /** Throws when the file can't be opened. */
  static open(options: LogFileOptions): LogFile {
    return new LogFile(options);
  }

  /** Never throws: a full disk must not end the program. */
  write(line: string): void {
    try {
      const bytes = Buffer.from(line);
      if (this.#isFullWith(bytes.length)) this.#rotate();
      for (let written = 0; written < bytes.length;) written += writeSync(this.#descriptor, bytes, written);
      this.#size += bytes.length;
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) this.#options.onFailure(error);
      this.#isFailing = true;
    }
  }

  /** An empty file takes a line of any length, or there would be no end of rotating. */
  #isFullWith(bytes: number): boolean {
    const { maxBytes, backupCount } = this.#options;
    return maxBytes > 0 && backupCount > 0 && this.#size > 0 && this.#size + bytes > maxBytes;
  }

  #rotate(): void {
    const { path, backupCount } = this.#options;
    for (let number = backupCount; number > 0; number--)
      moveIfThere(number === 1 ? path : `${path}.${number - 1}`, `${path}.${number}`);
    const descriptor = openSync(path, 'a');
    closeSync(this.#descriptor);
    this.#descriptor = descriptor;
    this.#size = fstatSync(descriptor).size;
  }
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
