import type { KubernetesObject } from '../shared/kubernetes/object.ts';
import type { ReflectorHandler } from '../shared/kubernetes/reflector.ts';
import type { SyncCounts } from './health.ts';
import { project, type ProjectionFault, type ProjectionRules } from './projection.ts';
import { recordedObjects } from './recorded-objects.ts';
import type { ScopeSubscriber } from './scope-subscriber.ts';
import { covers, objectKey, type Scope } from './source.ts';
import { Store, type Claim } from './store.ts';
import { SyncedFiles, type SyncedFilesParts } from './synced-files.ts';
import { contentHash } from './volume.ts';

/** What a sync is made of. */
export interface SyncParts extends Omit<SyncedFilesParts, 'store'> {
  readonly rules: ProjectionRules;
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

  constructor(parts: SyncParts) {
    this.#parts = parts;
    this.#files = new SyncedFiles({ ...parts, store: this.#store });
    for (const object of recordedObjects(parts)) this.#store.put(object);
  }

  /** Whether everything that the objects seen so far claim is on disk and recorded, but for paths that somebody else's files block. */
  get settled(): boolean {
    return !this.#parts.record.isBehind && this.#files.faults.settled;
  }

  /** The faults in words, for people. */
  get faults(): string[] {
    return this.#files.faults.descriptions;
  }

  get objectCount(): number {
    return this.#store.size;
  }

  /** What a reflector of the scope has to tell this sync. A list that breaks off has no effect on what it didn't come to. */
  handler(scope: Scope): ReflectorHandler {
    return {
      replace: async (objects) => {
        const seen = new Set<string>();
        for await (const object of objects) {
          seen.add(objectKey(scope, object));
          this.observe(scope, object);
        }
        for (const key of [...this.#store.keys()]) if (covers(scope, key) && !seen.has(key)) this.#forget(key);
      },
      apply: ({ type, object }) => {
        if (type === 'DELETED') this.#forget(objectKey(scope, object));
        else this.observe(scope, object);
      },
    };
  }

  /** What a stream of the scope has to tell this sync. A list that breaks off has no effect on what it didn't come to. */
  subscriber(scope: Scope): ScopeSubscriber {
    return {
      beginList: () => {
        const seen = new Set<string>();
        return {
          take: (object) => {
            seen.add(objectKey(scope, object));
            this.observe(scope, object);
          },
          end: () => {
            for (const key of [...this.#store.keys()]) if (covers(scope, key) && !seen.has(key)) this.#forget(key);
          },
          abandon: () => undefined,
        };
      },
      apply: (event) => void this.handler(scope).apply(event),
    };
  }

  get counts(): SyncCounts {
    return {
      objects: this.#store.size,
      files: 0,
      bytes: 0,
      collisions: this.#files.collisions,
      faults: this.#files.faults.size,
    };
  }

  /** Takes in an object as it is now and brings its files up to date. */
  observe(scope: Scope, object: KubernetesObject): void {
    const key = objectKey(scope, object);
    const { uid, resourceVersion, creationTimestamp: createdAt = '' } = object.metadata;
    const stored = this.#store.get(key);
    if (stored?.uid === uid && stored.resourceVersion === resourceVersion && !this.#hasFault(stored.claims)) return;
    const { files, faults } = project(scope.kind, object, this.#parts.rules);
    this.#reportFaults(key, faults);
    const claims = new Map(files.map(({ path, content, mode }) => [path, { hash: contentHash(content), mode }]));
    const paths = this.#store.put({ key, uid, resourceVersion, createdAt, claims });
    this.#files.bringUpToDate(paths, { key, files: new Map(files.map((file) => [file.path, file])) });
  }

  /**
   * Tries again what has failed: removals at once, writes by fetching the object that the path belongs to. Answers whether
   * nothing is left to try; throws, when all has been tried, if an object could not be fetched or the record not be written.
   */
  async repair(fetch: FetchObject): Promise<boolean> {
    const sources = new Set<string>();
    for (const path of this.#files.faults.paths) {
      const [winner] = this.#store.claimants(path);
      if (winner) sources.add(winner.key);
      else this.#files.bringUpToDate(new Set([path]), null);
    }
    const errors: unknown[] = [];
    for (const key of sources) {
      try {
        await this.#refetch(key, fetch);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'some objects could not be fetched');
    this.#parts.record.flush();
    return this.#files.faults.size === 0;
  }

  /** What a watch has told meanwhile may be newer than what was fetched, and then it stays; a later repair fetches again. */
  async #refetch(key: string, fetch: FetchObject): Promise<void> {
    const before = this.#store.get(key);
    const found = await fetch(key);
    if (this.#store.get(key) !== before) return;
    if (found) this.observe(found.scope, found.object);
    else this.#forget(key);
  }

  #forget(key: string): void {
    this.#files.bringUpToDate(this.#store.delete(key), null);
  }

  #hasFault(claims: ReadonlyMap<string, Claim>): boolean {
    const { faults } = this.#files;
    return faults.size > 0 && claims.keys().some((path) => faults.has(path));
  }

  #reportFaults(object: string, faults: readonly ProjectionFault[]): void {
    for (const { key, fault } of faults) this.#parts.log.warn({ object, key, fault }, 'not synced');
  }
}

/** Answers null when there is no such object any more, or it is no longer selected. */
type FetchObject = (key: string) => Promise<{ readonly scope: Scope; readonly object: KubernetesObject } | null>;
