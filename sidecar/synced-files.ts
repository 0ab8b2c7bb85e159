import { applyPlan, type ApplyTools, type ChangedFile, type Outcome } from './apply-plan.ts';
import type { FileChanges } from './file-changes.ts';
import { contentMissing, faultOf, FileFaults, type FileFault } from './file-faults.ts';
import { absolutePath } from './file-path.ts';
import type { Meter } from './meter.ts';
import { planPaths, type Collision } from './plan.ts';
import type { FileProjection } from './projection.ts';
import type { Store } from './store.ts';

export interface SyncedFilesParts extends ApplyTools {
  /** Of the sync, for metrics. */
  readonly name: string;
  readonly meter: Meter;
  readonly store: Store;
  /** The path of FOLDER as the application sees it. */
  readonly appFolder: string;
  /** Called when something waits to be tried again. */
  readonly onFault: () => void;
}

/** Why paths are looked at, and who is told what has changed. */
export interface Occasion {
  /** The object that was seen, or has gone; there is none where only paths are tried again. */
  readonly object?: string;
  /** What was seen of it. */
  readonly files?: ReadonlyMap<string, FileProjection>;
  readonly tell: (changes: FileChanges) => void;
}

/**
 * The files of a sync: paths are planned, and the plan is applied at once. A path that could not be brought to what it should be is a
 * fault until a later try mends it.
 */
export class SyncedFiles {
  readonly faults = new FileFaults();
  readonly #parts: SyncedFilesParts;
  readonly #collisions = new Map<string, string>();

  constructor(parts: SyncedFilesParts) {
    this.#parts = parts;
  }

  /** How many paths several objects claim. */
  get collisions(): number {
    return this.#collisions.size;
  }

  /** Brings paths to what their objects claim, as far as the contents at hand allow; the rest become faults. */
  bringUpToDate(paths: ReadonlySet<string>, occasion: Occasion): void {
    const { store, record } = this.#parts;
    const plan = planPaths([...paths], store, record.state.owned);
    this.#reportCollisions(paths, plan.collisions);
    const write = plan.write.flatMap((planned) => {
      const content = occasion.object === planned.source ? occasion.files?.get(planned.path)?.content : undefined;
      return content ? { ...planned, content } : [];
    });
    const outcome = applyPlan({ ...plan, write }, this.#parts);
    const atHand = new Set(write.map(({ path }) => path));
    const missing = new Set(plan.write.map(({ path }) => path).filter((path) => !atHand.has(path)));
    const newFaults = this.#noteFaults(paths, outcome.failed, missing);
    this.#report(outcome, { newFaults, occasion });
  }

  #report(outcome: Outcome, { newFaults, occasion }: { newFaults: boolean; occasion: Occasion }): void {
    const { name, meter, log, onFault } = this.#parts;
    const { written, removed, failed, recordError } = outcome;
    for (const _ of failed) meter.fileFailure(name);
    for (const _ of written) meter.fileChange(name, 'written');
    for (const _ of removed) meter.fileChange(name, 'removed');
    if (recordError !== undefined) log.warn({ err: recordError }, 'the ownership record could not be written');
    // A fault that is known already is being tried again anyway; but what is gone may have stood in the way of another path.
    const mayHaveFreed = removed.length > 0 && this.faults.size > 0;
    if (recordError !== undefined || newFaults || mayHaveFreed) onFault();
    if (written.length + removed.length > 0) occasion.tell(this.#changesOf(outcome, occasion));
  }

  #changesOf({ written, removed }: Outcome, { object }: Occasion): FileChanges {
    const asSeen = ({ path }: ChangedFile): string => absolutePath(this.#parts.appFolder, path);
    const sources = [...written, ...removed].map(({ source }) => source);
    const objects = new Set(object === undefined ? sources : [object, ...sources]);
    return { written: written.map(asSeen), removed: removed.map(asSeen), objects: [...objects] };
  }

  /** Takes down what came of some paths; answers whether there is a fault that was not known. */
  #noteFaults(paths: ReadonlySet<string>, failed: ReadonlyMap<string, unknown>, missing: ReadonlySet<string>): boolean {
    let news = false;
    for (const path of paths) {
      if (failed.has(path)) news = this.#addFault(path, faultOf(path, failed.get(path))) || news;
      else if (!missing.has(path)) this.faults.delete(path);
      // What blocks a path blocks it for whoever has it.
      else if (!this.faults.has(path)) news = this.#addFault(path, contentMissing) || news;
    }
    return news;
  }

  /** Answers whether the fault is new. */
  #addFault(path: string, fault: FileFault): boolean {
    const isNew = this.faults.add(path, fault);
    const target = absolutePath(this.#parts.folder, path);
    if (isNew && fault.error !== undefined) {
      this.#parts.log.error({ path: target, err: fault.error }, 'a file is not in sync');
    }
    return isNew;
  }

  /** Reports a collision when it begins and when it ends. */
  #reportCollisions(paths: ReadonlySet<string>, collisions: readonly Collision[]): void {
    const current = new Map(collisions.map((collision) => [collision.path, collision]));
    for (const path of paths) {
      const collision = current.get(path);
      const now = collision ? [collision.winner, ...collision.losers].join() : undefined;
      if (now === this.#collisions.get(path)) continue;
      if (!collision || now === undefined) this.#collisions.delete(path);
      else {
        this.#collisions.set(path, now);
        this.#parts.log.warn(collision, 'several objects claim one path; the oldest has it');
      }
    }
  }
}
