import type { KubernetesObject } from '../../shared/kubernetes/object.ts';
import type { ObjectEvent } from '../../shared/kubernetes/watch-events.ts';
import { CollectedChanges, type FileChanges } from '../files/file-changes.ts';
import type { SyncCounts } from '../health/health.ts';
import { project, type FileProjection, type ProjectionRules } from '../projection/projection.ts';
import { reportProjection } from '../projection/projection-report.ts';
import { noLongerSure, recordedObjects } from '../files/recorded-objects.ts';
import type { ListPass, ScopeSubscriber } from '../source/scope-subscriber.ts';
import { covers, objectKey, type Scope } from '../source/source.ts';
import { Store, type Claim, type StoredObject } from '../projection/store.ts';
import { SyncedFiles, type SyncedFilesParts } from '../files/synced-files.ts';
import { contentHash } from '../files/volume.ts';
import type { WantedDownload } from '../projection/wanted-download.ts';

/** What a sync is made of. */
export interface SyncParts extends Omit<SyncedFilesParts, 'store' | 'appFolder'> {
  readonly rules: ProjectionRules;
  /** Called after files have changed: once for each event of a watch, once for a whole list. */
  readonly onChange: (changes: FileChanges) => void;
}

/**
 * Source → projection → plan → volume, for one sync. Every object seen is projected, the paths it touches are planned, and the plan
 * is applied at once, so that nothing but keys and hashes is kept of an object. A path that could not be brought to what it
 * should be is remembered as a fault until `repair` or a later change mends it.
 */
export class Sync {
  readonly #parts: SyncParts;
  readonly #store = new Store();
  readonly #files: SyncedFiles;
  /** What lists that are under way have changed so far. */
  readonly #gathered = new Set<CollectedChanges>();

  constructor(parts: SyncParts) {
    this.#parts = parts;
    this.#files = new SyncedFiles({ ...parts, store: this.#store, appFolder: parts.rules.appFolder });
    for (const object of recordedObjects({ ...parts, outside: parts.rules.outside })) this.#store.put(object);
    // What had to be let go of is written down by a repair.
    if (parts.record.isBehind) parts.onFault();
  }

  /** Whether everything that the objects seen so far claim is on disk and recorded, but for paths that somebody else's files block. */
  get settled(): boolean {
    return !this.#parts.record.isBehind && this.#files.faults.settled;
  }

  /** Whether everything that the objects seen so far claim has been tried, whatever came of it. */
  get tried(): boolean {
    return this.#files.faults.tried;
  }

  /** The faults in words, for people. */
  get faults(): string[] {
    return this.#files.faults.descriptions;
  }

  /** Paths that stay as they are until somebody acts. */
  get blocked(): string[] {
    return this.#files.faults.blocked;
  }

  /** Whether an object that was seen claims the path. */
  wants(path: string): boolean {
    return this.#store.claimants(path).length > 0;
  }

  /** Whether files have changed that `onChange` has not been told of yet, as a list is under way. */
  get hasUntold(): boolean {
    return [...this.#gathered].some(({ isEmpty }) => !isEmpty);
  }

  get counts(): SyncCounts {
    const { collisions, faults } = this.#files;
    let files = 0;
    let bytes = 0;
    for (const { fingerprint } of this.#parts.record.state.owned.values()) {
      files += fingerprint ? 1 : 0;
      bytes += fingerprint?.size ?? 0;
    }
    return { objects: this.#store.size, files, bytes, collisions, faults: faults.size };
  }

  /** What a stream of the scope has to tell this sync. A list that breaks off has no effect on what it didn't come to. */
  subscriber(scope: Scope): ScopeSubscriber {
    return {
      beginList: () => this.#beginList(scope),
      apply: ({ type, object }) => {
        if (type === 'DELETED') this.#forget(objectKey(scope, object));
        else this.#observe(scope, object, { type });
      },
    };
  }

  #beginList(scope: Scope): ListPass {
    const seen = new Set<string>();
    const changes = new CollectedChanges();
    const tell = (more: FileChanges): void => changes.add(more);
    this.#gathered.add(changes);
    const close = (): void => {
      this.#gathered.delete(changes);
      if (!changes.isEmpty) this.#parts.onChange(changes.sum);
    };
    return {
      take: (object) => {
        seen.add(objectKey(scope, object));
        this.#observe(scope, object, { tell });
      },
      end: () => {
        for (const key of [...this.#store.keys()]) if (covers(scope, key) && !seen.has(key)) this.#forget(key, tell);
        this.#removeUnclaimed(tell);
        close();
      },
      abandon: close,
    };
  }

  /** Tries again what has failed of no object that is left. */
  #removeUnclaimed(tell: (changes: FileChanges) => void): void {
    const unclaimed = this.#files.faults.paths.filter((path) => !this.wants(path));
    if (unclaimed.length > 0) this.#files.bringUpToDate(new Set(unclaimed), { tell });
  }

  /** Takes in an object as it is now and brings its files up to date. */
  #observe(scope: Scope, object: KubernetesObject, { type, tell = this.#parts.onChange }: Seen = {}): void {
    const key = objectKey(scope, object);
    const { uid, resourceVersion, creationTimestamp: createdAt = '' } = object.metadata;
    const stored = this.#store.get(key);
    const isKnown = stored?.uid === uid && stored.resourceVersion === resourceVersion;
    if (isKnown && !this.#hasFault(stored.claims)) return;
    const name = key.slice(key.indexOf('/') + 1);
    const { log, rules } = this.#parts;
    const { kind } = scope;
    log.debug({ object: key }, type ? `Working on ${type} ${kind} ${name}` : `Working on ${kind}: ${name}`);
    const projection = project(kind, object, rules);
    if (!isKnown) reportProjection(projection, { ...this.#parts, object: key, kind });
    const { files } = projection;
    const claims = new Map(files.map((file) => [file.path, claimOf(file)]));
    const seen = { key, uid, resourceVersion, createdAt, claims };
    this.#countEvent(stored, seen);
    const paths = this.#store.put(seen);
    this.#files.bringUpToDate(paths, { object: key, files: new Map(files.map((file) => [file.path, file])), tell });
  }

  /**
   * Tries again what has failed: removals at once, writes by fetching the object that the path belongs to. Answers whether
   * nothing is left to try; throws, when all has been tried, if an object could not be fetched or the record not be written. Fetches
   * nothing more once `signal` is aborted.
   */
  async repair(fetch: FetchObject, signal?: AbortSignal): Promise<boolean> {
    const errors: unknown[] = [];
    for (const key of this.#tryFaults()) {
      if (signal?.aborted) break;
      try {
        await this.#refetch(key, fetch);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'some objects could not be fetched');
    this.#parts.record.flush();
    return this.#files.faults.repaired;
  }

  /** Tries again what needs no object; answers the objects that have to be fetched for the rest. */
  #tryFaults(): Set<string> {
    const { faults } = this.#files;
    const sources = new Set<string>();
    for (const path of faults.paths) {
      const { download, error } = faults.get(path) ?? {};
      const [winner] = this.#store.claimants(path);
      if (!winner) this.#files.bringUpToDate(new Set([path]), { tell: this.#parts.onChange });
      else if (download === undefined) sources.add(winner.key);
      // What could not be written has to be downloaded again, as nobody keeps contents.
      else if (error !== undefined) this.#parts.onDownloads?.();
    }
    return sources;
  }

  /** What the objects seen so far want to have downloaded. */
  wantedDownloads(): WantedDownload[] {
    return this.#files.wantedDownloads;
  }

  /**
   * Takes in what was downloaded; answers whether the file changed. Without effect when the path wants another URL meanwhile, or
   * belongs to another object or to none.
   */
  downloaded(wanted: WantedDownload, content: Buffer): boolean {
    return this.#files.takeDownload(wanted, content, this.#parts.onChange);
  }

  /** Takes down why a download failed, until one succeeds; `reason` has nothing secret in it. The file stays as it is. */
  downloadFailed(wanted: WantedDownload, reason: string): void {
    this.#files.failDownload(wanted, reason);
  }

  /** What a watch has told meanwhile may be newer than what was fetched, and then it stays; a later repair fetches again. */
  async #refetch(key: string, fetch: FetchObject): Promise<void> {
    const before = this.#store.get(key);
    const found = await fetch(key);
    if (this.#store.get(key) !== before) return;
    if (found) this.#observe(found.scope, found.object);
    else this.#forget(key);
  }

  #forget(key: string, tell = this.#parts.onChange): void {
    const { meter, name } = this.#parts;
    if (this.#store.get(key)) meter.objectEvent(name, 'DELETED');
    this.#files.bringUpToDate(this.#store.delete(key), { object: key, tell });
  }

  /** Takes in that files are not as we left them: what their objects claim is to be written again, by `repair`. */
  mend(paths: readonly string[]): void {
    const { owned } = this.#parts.record.state;
    for (const path of paths) {
      const known = owned.get(path);
      if (known) owned.set(path, noLongerSure(known));
    }
    this.#files.bringUpToDate(new Set(paths), { tell: this.#parts.onChange });
  }

  /** What an earlier process wrote down has changed only if it claims something else now. */
  #countEvent(before: StoredObject | undefined, now: StoredObject): void {
    const { meter, name } = this.#parts;
    if (!before) meter.objectEvent(name, 'ADDED');
    else if (before.uid === '' ? !sameClaims(before.claims, now.claims) : !sameVersion(before, now)) {
      meter.objectEvent(name, 'MODIFIED');
    }
  }

  #hasFault(claims: ReadonlyMap<string, Claim>): boolean {
    const { faults } = this.#files;
    return faults.size > 0 && claims.keys().some((path) => faults.has(path));
  }
}

/** How an object came to be seen. */
interface Seen {
  /** Of the event that a watch has sent. */
  readonly type?: ObjectEvent['type'];
  readonly tell?: (changes: FileChanges) => void;
}

function claimOf(file: FileProjection): Claim {
  const { mode } = file;
  if ('content' in file) return { hash: contentHash(file.content), mode };
  return { hash: contentHash(Buffer.from(file.url)), mode, url: file.url };
}

function sameVersion(one: StoredObject, other: StoredObject): boolean {
  return one.uid === other.uid && one.resourceVersion === other.resourceVersion;
}

function sameClaims(one: ReadonlyMap<string, Claim>, other: ReadonlyMap<string, Claim>): boolean {
  return one.size === other.size && one.entries().every(([path, { hash }]) => other.get(path)?.hash === hash);
}

/** Answers null when there is no such object any more, or it is no longer selected. */
type FetchObject = (key: string) => Promise<{ readonly scope: Scope; readonly object: KubernetesObject } | null>;
