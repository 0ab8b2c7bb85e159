import { posix } from 'node:path';
import type { KubernetesObject } from '../shared/kubernetes/object.ts';
import type { ReflectorHandler } from '../shared/kubernetes/reflector.ts';
import { applyPlan, type ApplyTools } from './apply-plan.ts';
import type { Owned } from './ownership-record.ts';
import { planPaths, type Collision } from './plan.ts';
import { project, type FileProjection, type ProjectionFault, type ProjectionRules } from './projection.ts';
import { covers, objectKey, type Scope } from './source.ts';
import type { SyncCounts } from './health.ts';
import type { FileChanges } from './file-changes.ts';
import type { ScopeSubscriber } from './scope-subscriber.ts';
import { Store, type Claim } from './store.ts';
import { hasErrorCode } from './system-error.ts';
import { contentHash, PathTakenError, type Fingerprint } from './volume.ts';

/** What a sync is made of. */
export interface SyncParts extends ApplyTools {
  readonly rules: ProjectionRules;
  /** Called after files have changed. */
  readonly onChange: (changes: FileChanges) => void;
  /** Called when something waits for `repair`. */
  readonly onFault: () => void;
}

/**
 * Source → projection → plan → volume, for one sync. Every object seen is projected, the paths it touches are planned, and the plan
 * is applied at once, so that nothing but keys and hashes is kept of an object. A path that could not be brought to what it
 * should be is remembered as a fault until `repair` or a later change mends it.
 */
export class Sync {
  readonly #parts: SyncParts;
  readonly #store = new Store();
  readonly #faults = new Map<string, Fault>();
  readonly #collisions = new Map<string, string>();

  constructor(parts: SyncParts) {
    this.#parts = parts;
    this.#takeUpRecord();
  }

  /** Whether everything that the objects seen so far claim is on disk and recorded, but for paths that somebody else's files block. */
  get settled(): boolean {
    return !this.#parts.record.isBehind && [...this.#faults.values()].every(({ retriable }) => !retriable);
  }

  /** The faults in words, for people. */
  get faults(): string[] {
    return [...this.#faults].map(([path, { reason }]) => `${path}: ${reason}`);
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
      collisions: this.#collisions.size,
      faults: this.#faults.size,
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
    this.#bringUpToDate(paths, { key, files: new Map(files.map((file) => [file.path, file])) });
  }

  /**
   * Tries again what has failed: removals at once, writes by fetching the object that the path belongs to. Answers whether
   * nothing is left to try; throws, when all has been tried, if an object could not be fetched or the record not be written.
   */
  async repair(fetch: FetchObject): Promise<boolean> {
    const sources = new Set<string>();
    for (const path of [...this.#faults.keys()]) {
      const [winner] = this.#store.claimants(path);
      if (winner) sources.add(winner.key);
      else this.#bringUpToDate(new Set([path]), null);
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
    return this.#faults.size === 0;
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
    this.#bringUpToDate(this.#store.delete(key), null);
  }

  /** The record's claims count as seen until a list shows otherwise, so that a restart changes no file on the way. */
  #takeUpRecord(): void {
    const { record, volume, claims: pathClaims } = this.#parts;
    const claimsBySource = new Map<string, { createdAt: string; claims: Map<string, Claim> }>();
    for (const [path, owned] of [...record.state.owned]) {
      // Another sync of this process has it by its own record: one of the two must let go.
      if (pathClaims.claim(path) !== null) {
        record.add({ drop: path });
        continue;
      }
      const { source, createdAt, hash, mode } = owned;
      const { claims } = claimsBySource.get(source) ?? { claims: new Map<string, Claim>() };
      claimsBySource.set(source, { createdAt, claims: claims.set(path, { hash: hash ?? '', mode }) });
      if (!isUntouched(owned, volume.inspect(path))) record.state.owned.set(path, { ...owned, hash: null });
    }
    for (const [key, { createdAt, claims }] of claimsBySource) {
      this.#store.put({ key, uid: '', resourceVersion: '', createdAt, claims });
    }
  }

  /** Brings paths to what their objects claim, as far as the contents at hand allow; the rest become faults for `repair`. */
  #bringUpToDate(paths: ReadonlySet<string>, fresh: Fresh | null): void {
    const { record, log, onChange, onFault } = this.#parts;
    const plan = planPaths([...paths], this.#store, record.state.owned);
    this.#reportCollisions(paths, plan.collisions);
    const write = plan.write.flatMap((planned) => {
      const content = fresh?.key === planned.source ? fresh.files.get(planned.path)?.content : undefined;
      return content ? { ...planned, content } : [];
    });
    const { changed, failed, recordError } = applyPlan({ ...plan, write }, this.#parts);
    const atHand = new Set(write.map(({ path }) => path));
    const missing = new Set(plan.write.map(({ path }) => path).filter((path) => !atHand.has(path)));
    const newFaults = this.#noteFaults(paths, failed, missing);
    if (recordError !== undefined) log.warn({ err: recordError }, 'the ownership record could not be written');
    // A fault that is known already is being tried again anyway; but what is gone may have stood in the way of another path.
    const mayHaveFreed = changed > 0 && plan.remove.length > 0 && this.#faults.size > 0;
    if (recordError !== undefined || newFaults || mayHaveFreed) onFault();
    if (changed > 0) onChange({ written: [], removed: [], objects: [] });
  }

  /** Takes down what came of some paths; answers whether there is a fault that was not known. */
  #noteFaults(paths: ReadonlySet<string>, failed: ReadonlyMap<string, unknown>, missing: ReadonlySet<string>): boolean {
    let news = false;
    for (const path of paths) {
      if (failed.has(path)) news = this.#addFault(path, faultOf(failed.get(path))) || news;
      else if (!missing.has(path)) this.#faults.delete(path);
      // What blocks a path blocks it for whoever has it.
      else if (!this.#faults.has(path)) news = this.#addFault(path, contentMissing) || news;
    }
    return news;
  }

  /** Answers whether the fault is new. */
  #addFault(path: string, fault: Fault): boolean {
    const known = this.#faults.get(path)?.reason === fault.reason;
    this.#faults.set(path, fault);
    if (known) return false;
    const target = posix.join(this.#parts.folder, path);
    if (fault.error !== undefined) this.#parts.log.error({ path: target, err: fault.error }, 'a file is not in sync');
    return true;
  }

  #hasFault(claims: ReadonlyMap<string, Claim>): boolean {
    return this.#faults.size > 0 && claims.keys().some((path) => this.#faults.has(path));
  }

  #reportFaults(object: string, faults: readonly ProjectionFault[]): void {
    for (const { key, fault } of faults) this.#parts.log.warn({ object, key, fault }, 'not synced');
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

/** Answers null when there is no such object any more, or it is no longer selected. */
type FetchObject = (key: string) => Promise<{ readonly scope: Scope; readonly object: KubernetesObject } | null>;

interface Fresh {
  readonly key: string;
  readonly files: ReadonlyMap<string, FileProjection>;
}

interface Fault {
  readonly reason: string;
  /** Whether trying again may help, or somebody else has to act first. */
  readonly retriable: boolean;
  readonly error?: unknown;
}

/** A path belongs to another object than the one just seen; the content of that one isn't kept. */
const contentMissing: Fault = { reason: 'the content has to be fetched', retriable: true };

/** A name too long for the file system and a path that something else takes stay as they are until somebody acts. */
function faultOf(error: unknown): Fault {
  const lasting = error instanceof PathTakenError || hasErrorCode(error, 'ENAMETOOLONG');
  return { reason: error instanceof Error ? error.message : String(error), retriable: !lasting, error };
}

function isUntouched({ fingerprint, mode }: Owned, present: (Fingerprint & { mode: number }) | null): boolean {
  return (
    present !== null &&
    fingerprint?.inode === present.inode &&
    fingerprint.size === present.size &&
    fingerprint.mtimeMs === present.mtimeMs &&
    mode === present.mode
  );
}
