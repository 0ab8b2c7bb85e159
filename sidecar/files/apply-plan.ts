import { posix } from 'node:path';
import type { Logger } from '../../shared/log/log.ts';
import { absolutePath, isOutside } from '../projection/file-path.ts';
import { failsafe } from './failsafe.ts';
import type { OwnershipRecord } from './ownership-record.ts';
import type { PlannedWrite } from '../projection/plan.ts';
import { refusedWrites, type ContentWrite, type RefusalTools } from './refused-writes.ts';
import type { Fingerprint } from './volume.ts';

/** What is to be done to the files. */
export interface Work {
  readonly write: readonly ContentWrite[];
  readonly remove: readonly string[];
  readonly transfer: readonly PlannedWrite[];
}

export interface ApplyTools extends RefusalTools {
  readonly log: Logger;
  /** Whether anybody wants to be notified: only then is a pending notification written down. */
  readonly notifies: boolean;
}

/** A file that was changed, and the object that it belonged to. */
export interface ChangedFile {
  readonly path: string;
  readonly source: string;
}

/** What came of it: which files changed, and what could not be done. */
export interface Outcome {
  readonly written: readonly ChangedFile[];
  readonly removed: readonly ChangedFile[];
  readonly failed: ReadonlyMap<string, unknown>;
  /** The record could not be written; it holds the rest for its next flush. */
  readonly recordError: unknown;
}

/**
 * Applies a plan to the volume. The record says before what is about to happen and after what has happened, so that a crash in
 * between loses neither a file nor a notification:
 *  1. write down the new paths as ours, but for those that somebody else has, and the notification as pending
 *  2. remove files, then folders of ours that are empty; also when (1) has failed, for it may be us who fill the disk
 *  3. write files, unless (1) has failed; a new path that could not be written is not ours after all
 *  4. write down how the files look now
 */
export function applyPlan(work: Work, tools: ApplyTools): Outcome {
  if (work.remove.length + work.write.length + work.transfer.length === 0) return nothingDone;
  const wasPending = tools.record.state.pending;
  const taken = refusedWrites(work.write, tools);
  const allowed = { ...work, write: work.write.filter(({ path }) => !taken.has(path)) };
  const isNew = ({ path }: ContentWrite): boolean => !tools.record.state.owned.has(path);
  const fresh = allowed.write.filter(isNew).map(({ path }) => path);
  const refused = failureOf(() => writeDownIntentions(allowed, tools));
  const { written, removed, failed } = changeFiles(refused ? { ...allowed, write: [] } : allowed, tools);
  const unable = refused ? allowed.write.map(({ path }) => [path, refused.error] as const) : [];
  const notDone = new Map<string, unknown>([...taken, ...failed, ...unable]);
  // What stands there was not written by us, and must not go with the object that claims the path.
  for (const path of fresh) if (notDone.has(path)) letGo(path, tools);
  const changed = written.length + removed.length > 0;
  const unwritten = failureOf(() => writeDownOutcome(work, tools, changed || wasPending));
  return { written, removed, failed: notDone, recordError: unwritten?.error };
}

/** The path is ours no more, and neither are folders that we made for it and that are empty now. */
function letGo(path: string, { volume, record, claims }: ApplyTools): void {
  record.add({ drop: path });
  claims.release(path);
  for (let above = posix.dirname(path); record.state.folders.has(above); above = posix.dirname(above)) {
    if (!volume.removeFolder(above)) break;
    record.add({ dropFolder: above });
  }
}

/** Removes folders of ours that are empty: another process with this record may have taken the last file out of them. */
export function removeEmptyFolders({ volume, record }: Pick<ApplyTools, 'volume' | 'record'>): void {
  const innerFirst = [...record.state.folders].sort((a, b) => b.length - a.length);
  for (const folder of innerFirst) if (volume.removeFolder(folder)) record.add({ dropFolder: folder });
}

const nothingDone: Outcome = { written: [], removed: [], failed: new Map(), recordError: undefined };

function writeDownIntentions({ write, remove }: Work, { record, notifies }: ApplyTools): void {
  for (const planned of write) {
    const owned = record.state.owned.get(planned.path);
    if (!owned) own(record, planned, { hash: planned.hash, fingerprint: null });
    // In somebody else's folder nothing but the content tells that a file is ours.
    else if (isOutside(planned.path)) record.add({ own: planned.path, ...owned, claimed: planned.hash });
  }
  if (notifies && !record.state.pending && write.length + remove.length > 0) record.add({ pending: true });
  record.flush();
}

function changeFiles({ remove, write }: Work, tools: ApplyTools): Omit<Outcome, 'recordError'> {
  const failed = new Map<string, unknown>();
  /** Answers whether the file changed. */
  const attempt = (path: string, step: () => boolean): boolean => {
    let changed = false;
    const failure = failureOf(() => (changed = step()));
    if (failure) failed.set(path, failure.error);
    return changed;
  };
  const { owned } = tools.record.state;
  const removed = remove
    .map((path) => ({ path, source: owned.get(path)?.source ?? '' }))
    .filter(({ path }) => attempt(path, () => removeFile(path, tools)));
  const written = write.filter((planned) => attempt(planned.path, () => writeFile(planned, tools)));
  return { written, removed, failed };
}

function writeDownOutcome({ transfer }: Work, { record }: ApplyTools, pending: boolean): void {
  for (const moved of transfer) {
    const { hash, fingerprint = null } = record.state.owned.get(moved.path) ?? {};
    own(record, moved, { hash: hash ?? '', fingerprint });
  }
  if (!pending && record.state.pending) record.add({ pending });
  record.flush();
}

/** Answers whether the file changed, by us or by another process with this record, whose application is not ours. */
function writeFile(write: ContentWrite, { volume, record, log, folder }: ApplyTools): boolean {
  const isNews = !isKnown(write, record);
  const missing = volume.missingFolders(write.path);
  for (const path of missing) record.add({ folder: path });
  // On disk before the folders are, or nobody would remove them after a crash.
  if (missing.length > 0) record.flush();
  const { changed, fingerprint } = volume.write(write.path, write.content, write.claim.mode);
  own(record, write, { hash: write.hash, fingerprint });
  const path = absolutePath(folder, write.path);
  if (changed) log.info({ path, source: write.source, bytes: write.content.length }, `Writing ${path}`);
  else log.debug({ path, source: write.source }, `Contents of ${path} haven't changed. Not overwriting existing file`);
  return changed || (isNews && isShared(record));
}

/** Whether a file had this content when it was last looked at, as far as we know. */
function isKnown({ path, hash }: ContentWrite, { state }: OwnershipRecord): boolean {
  const owned = state.owned.get(path);
  return Boolean(owned?.fingerprint) && (owned?.hash ?? owned?.claimed) === hash;
}

/** A record that can't be read now is of no help. */
function isShared(record: OwnershipRecord): boolean {
  return failsafe(() => record.isShared()) ?? false;
}

/** Answers whether there was a file of ours, also where another process with this record has removed it. */
function removeFile(path: string, tools: ApplyTools): boolean {
  const { volume, record, log, folder } = tools;
  const target = absolutePath(folder, path);
  const owned = record.state.owned.get(path);
  const isOurs = (owned && owned.fingerprint !== null && !isOutside(path)) || hasOurContent(path, tools);
  const removed = isOurs && volume.remove(path);
  if (removed) log.info({ path: target }, `Removing ${target}`);
  letGo(path, tools);
  return removed || (isOurs && isShared(record));
}

/**
 * After a crash in the middle of the first write, a file is ours only if it has what we were about to write; in somebody else's folder
 * it is ours only as long as it has what we wrote.
 */
function hasOurContent(path: string, { volume, record }: ApplyTools): boolean {
  const { hash, claimed } = record.state.owned.get(path) ?? {};
  const present = volume.hash(path);
  return present !== null && (present === hash || present === claimed);
}

/** Without a fingerprint the write has not been seen to its end, so that only what was to be written is known. */
function own(
  record: OwnershipRecord,
  { path, source, createdAt, claim }: PlannedWrite,
  { hash, fingerprint }: { readonly hash: string; readonly fingerprint: Fingerprint | null },
): void {
  const content = fingerprint ? { hash } : { hash: null, claimed: hash };
  const url = claim.url === undefined ? {} : { url: claim.hash };
  record.add({ own: path, source, createdAt, ...content, ...url, mode: claim.mode, fingerprint });
}

function failureOf(step: () => unknown): { readonly error: unknown } | undefined {
  try {
    step();
    return undefined;
  } catch (error) {
    return { error };
  }
}
