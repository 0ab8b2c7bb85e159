/** What happened to the files of a sync: what scripts, templates and logs may know. Never contents. */
export interface FileChanges {
  /** Absolute paths as the application sees them. */
  readonly written: readonly string[];
  /** Absolute paths as the application sees them. */
  readonly removed: readonly string[];
  /** The objects that caused it: `configmap/<namespace>/<name>` or `secret/<namespace>/<name>`. */
  readonly objects: readonly string[];
}

/** What a channel is told. */
export interface ToldChanges extends FileChanges {
  /**
   * False when the lists may lack something: an earlier process made changes and ended before it told of them, or there were too
   * many to remember.
   */
  readonly complete: boolean;
}

// Some megabytes of text at most. Who has more files than that looks at the folder anyway.
const maxRemembered = 10_000;

const unknownChanges: ToldChanges = { complete: false, written: [], removed: [], objects: [] };

/** Changes one after the other, summed up: what counts for a path is what happened to it last. */
export class CollectedChanges {
  readonly #paths = new Map<string, 'written' | 'removed'>();
  readonly #objects = new Set<string>();
  #complete = true;

  get sum(): ToldChanges {
    const paths = [...this.#paths];
    return {
      complete: this.#complete,
      written: paths.filter(([, change]) => change === 'written').map(([path]) => path),
      removed: paths.filter(([, change]) => change === 'removed').map(([path]) => path),
      objects: [...this.#objects],
    };
  }

  get isEmpty(): boolean {
    return this.#paths.size + this.#objects.size === 0 && this.#complete;
  }

  /** Adds later changes; nothing given means changes that nobody knows. */
  add({ complete, written, removed, objects }: FileChanges & { readonly complete?: boolean } = unknownChanges): void {
    if (complete === false) this.#complete = false;
    // In one step files are removed before others are written.
    for (const path of removed) this.#note(path, 'removed');
    for (const path of written) this.#note(path, 'written');
    for (const object of objects) if (this.#hasRoomFor(object, this.#objects)) this.#objects.add(object);
  }

  #note(path: string, change: 'written' | 'removed'): void {
    if (this.#hasRoomFor(path, this.#paths)) this.#paths.set(path, change);
  }

  #hasRoomFor(name: string, remembered: { readonly size: number; has(name: string): boolean }): boolean {
    if (remembered.size < maxRemembered || remembered.has(name)) return true;
    this.#complete = false;
    return false;
  }
}
