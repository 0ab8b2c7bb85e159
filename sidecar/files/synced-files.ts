import { applyPlan, type ApplyTools, type ChangedFile, type Outcome } from './apply-plan.ts';
import { DownloadClaims } from './download-claims.ts';
import type { FileChanges } from './file-changes.ts';
import { contentMissing, downloadMissing, faultOf, FileFaults, type FileFault } from './file-faults.ts';
import { absolutePath } from '../projection/file-path.ts';
import type { Meter } from '../health/meter.ts';
import { isOnDisk, planPaths, type Collision, type PlannedDownload, type PlannedWrite } from '../projection/plan.ts';
import type { FileProjection } from '../projection/projection.ts';
import type { ContentWrite } from './refused-writes.ts';
import type { Store } from '../projection/store.ts';
import { contentHash } from './volume.ts';
import type { WantedDownload } from '../projection/wanted-download.ts';
import { reportUnwritten } from './write-record.ts';

export interface SyncedFilesParts extends ApplyTools {
  /** Of the sync, for metrics. */
  readonly name: string;
  readonly meter: Meter;
  readonly store: Store;
  /** The path of FOLDER as the application sees it. */
  readonly appFolder: string;
  /** Called when something waits to be tried again, or what the first sync waited for is there. */
  readonly onFault: () => void;
  /** Called when other downloads are wanted than before. */
  readonly onDownloads?: () => void;
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
  readonly #downloads = new DownloadClaims();
  readonly #parts: SyncedFilesParts;
  readonly #collisions = new Map<string, string>();

  constructor(parts: SyncedFilesParts) {
    this.#parts = parts;
  }

  /** How many paths several objects claim. */
  get collisions(): number {
    return this.#collisions.size;
  }

  /**
   * Brings paths to what their objects claim, as far as the contents at hand allow; the rest become faults. So do all of them when it
   * throws: nobody knows then how far it came.
   */
  bringUpToDate(paths: ReadonlySet<string>, occasion: Occasion): void {
    try {
      this.#apply(paths, occasion);
    } catch (error) {
      for (const path of paths) this.faults.add(path, { ...faultOf(path, error), retriable: true });
      this.#parts.onFault();
      throw error;
    }
  }

  #apply(paths: ReadonlySet<string>, occasion: Occasion): void {
    const { store, record } = this.#parts;
    const plan = planPaths([...paths], store, record.state.owned);
    this.#reportCollisions(paths, plan.collisions);
    const write = plan.write.flatMap((planned) => contentFor(planned, occasion));
    const outcome = applyPlan({ ...plan, write }, this.#parts);
    const atHand = new Set(write.map(({ path }) => path));
    const missing = new Map<string, FileFault>();
    for (const { path } of plan.write) if (!atHand.has(path)) missing.set(path, contentMissing);
    for (const download of plan.download) {
      const fault = this.#downloadFault(download);
      if (fault) missing.set(download.path, fault);
    }
    const newFaults = this.#noteFaults(paths, outcome.failed, missing);
    this.#report(outcome, { newFaults, occasion });
    if (this.#downloads.update(paths, plan.download)) this.#parts.onDownloads?.();
  }

  /** What the files have to be downloaded for, as their objects want it now. */
  get wantedDownloads(): WantedDownload[] {
    const { owned } = this.#parts.record.state;
    return this.#downloads.values().flatMap((planned) => {
      const { path, source, claim } = planned;
      // What only the record tells of will be seen, or go, with the list.
      if (typeof claim.url !== 'string') return [];
      const isUnwritten = this.faults.get(path)?.error !== undefined;
      return { path, source, url: claim.url, missing: isUnwritten || !isOnDisk(planned, owned.get(path)) };
    });
  }

  /** Writes what was downloaded, if it is still wanted; answers whether the file changed. */
  takeDownload(wanted: WantedDownload, content: Buffer, tell: Occasion['tell']): boolean {
    const planned = this.#downloads.find(wanted);
    if (!planned) return false;
    const { path, claim } = planned;
    const hash = contentHash(content);
    const present = this.#parts.record.state.owned.get(path);
    // Nothing is looked at on disk and nothing written down, as this happens again and again.
    const isThere = present?.hash === hash && isOnDisk(planned, present);
    const work = { write: isThere ? [] : [{ ...planned, content, hash }], remove: [], transfer: [] };
    const outcome = applyPlan(work, this.#parts);
    const error = outcome.failed.get(path);
    const fault = error === undefined ? undefined : { ...faultOf(path, error), download: claim.hash };
    if (!fault) this.#downloads.got(planned);
    const newFaults = this.#settleDownload(path, fault);
    this.#report(outcome, { newFaults, occasion: { object: planned.source, tell } });
    return outcome.written.length > 0;
  }

  /** Takes down that a download has failed; the file stays as it is. */
  failDownload(wanted: WantedDownload, reason: string): void {
    const planned = this.#downloads.find(wanted);
    if (!planned) return;
    const fault = { reason: `the download failed: ${reason}`, retriable: false, download: planned.claim.hash };
    if (this.#settleDownload(planned.path, fault)) this.#parts.onFault();
  }

  /** Answers whether somebody has to look at it: there is something to try again, or what the first sync waited for is there. */
  #settleDownload(path: string, fault: FileFault | undefined): boolean {
    const wasWaitedFor = this.faults.get(path)?.retriable ?? false;
    const isNew = fault !== undefined && this.#addFault(path, fault);
    if (!fault) this.faults.delete(path);
    return (isNew && fault.retriable) || (wasWaitedFor && !fault?.retriable);
  }

  /** What was found out about this very URL stays until somebody has tried it again. */
  #downloadFault({ path, claim, missing }: PlannedDownload): FileFault | undefined {
    const known = this.faults.get(path);
    if (known?.download === claim.hash) return known;
    return missing ? { ...downloadMissing, download: claim.hash } : undefined;
  }

  #report(outcome: Outcome, { newFaults, occasion }: { newFaults: boolean; occasion: Occasion }): void {
    const { log, onFault } = this.#parts;
    const { written, removed, recordError } = outcome;
    this.#count(outcome);
    if (recordError !== undefined) reportUnwritten(log, recordError);
    // A fault that is known already is being tried again anyway; but what is gone may have stood in the way of another path.
    const mayHaveFreed = removed.length > 0 && this.faults.size > 0;
    if (mayHaveFreed) this.faults.unblock(removed.map(({ path }) => path));
    if (recordError !== undefined || newFaults || mayHaveFreed) onFault();
    if (written.length + removed.length > 0) occasion.tell(this.#changesOf(outcome, occasion));
  }

  #count({ written, removed, failed }: Outcome): void {
    const { name, meter } = this.#parts;
    for (const _ of failed) meter.fileFailure(name);
    for (const _ of written) meter.fileChange(name, 'written');
    for (const _ of removed) meter.fileChange(name, 'removed');
  }

  #changesOf({ written, removed }: Outcome, { object }: Occasion): FileChanges {
    const asSeen = ({ path }: ChangedFile): string => absolutePath(this.#parts.appFolder, path);
    const sources = [...written, ...removed].map(({ source }) => source);
    const objects = new Set(object === undefined ? sources : [object, ...sources]);
    return { written: written.map(asSeen), removed: removed.map(asSeen), objects: [...objects] };
  }

  /** Takes down what came of some paths; answers whether there is a fault that was not known. */
  #noteFaults(
    paths: ReadonlySet<string>,
    failed: ReadonlyMap<string, unknown>,
    missing: ReadonlyMap<string, FileFault>,
  ): boolean {
    let news = false;
    for (const path of paths) {
      const lacking = missing.get(path);
      if (failed.has(path)) news = this.#addFault(path, faultOf(path, failed.get(path))) || news;
      else if (!lacking) this.faults.delete(path);
      // Downloads are tried by somebody else.
      else if (lacking.download !== undefined) this.faults.add(path, lacking);
      // What blocks a path blocks it for whoever has it.
      else if (this.faults.get(path)?.download !== undefined || !this.faults.has(path)) {
        news = this.#addFault(path, lacking) || news;
      }
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
        const facts = { ...collision, path: absolutePath(this.#parts.folder, path) };
        this.#parts.log.warn(facts, 'several objects claim one path; the oldest has it');
      }
    }
  }
}

/** A planned write, if its content has just been seen. */
function contentFor(planned: PlannedWrite, { object, files }: Occasion): ContentWrite[] {
  const file = object === planned.source ? files?.get(planned.path) : undefined;
  return file && 'content' in file ? [{ ...planned, content: file.content, hash: planned.claim.hash }] : [];
}
