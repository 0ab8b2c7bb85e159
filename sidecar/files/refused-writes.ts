import { failsafe } from './failsafe.ts';
import { absolutePath } from '../projection/file-path.ts';
import type { OwnershipRecord } from './ownership-record.ts';
import type { PathClaims } from './path-owners.ts';
import type { PlannedWrite } from '../projection/plan.ts';
import { PathTakenError, type Volume } from './volume.ts';

/** A planned write whose content is at hand. */
export interface ContentWrite extends PlannedWrite {
  readonly content: Buffer;
  /** SHA-256 of the content. */
  readonly hash: string;
}

export interface RefusalTools {
  readonly volume: Volume;
  readonly record: OwnershipRecord;
  readonly claims: PathClaims;
  /** The folder that paths are relative to, for people. */
  readonly folder: string;
  /** Whether a file of other content that isn't ours stays (EXISTING_FILES=keep). */
  readonly keepsExisting: boolean;
}

/** Takes the paths for this sync; answers those that it may not write to, with the reason. */
export function refusedWrites(writes: readonly ContentWrite[], tools: RefusalTools): Map<string, PathTakenError> {
  const refused = new Map<string, PathTakenError>();
  for (const write of writes) {
    const reason = refusal(write, tools);
    if (reason !== null)
      refused.set(write.path, new PathTakenError(`${absolutePath(tools.folder, write.path)} ${reason}`));
  }
  return refused;
}

function refusal(write: ContentWrite, tools: RefusalTools): string | null {
  const other = tools.claims.claim(write.path);
  if (other !== null) return `belongs to the sync ${other}`;
  if (!tools.keepsExisting || !isForeign(write, tools)) return null;
  // Another sync of this process may have it: for it too the file is in the way, but its content may be equal.
  tools.claims.release(write.path);
  return `is there already, with other content than ${write.source} has for it, and stays (EXISTING_FILES=keep)`;
}

/** Whether a file or link of other content stands at a path that isn't ours. A folder is in the way in any case. */
function isForeign({ path, hash }: ContentWrite, { volume, record }: RefusalTools): boolean {
  const owned = record.state.owned.get(path);
  if (owned?.fingerprint) return false;
  // What can't be looked at can't be written either, which the write says.
  const obstacle = failsafe(() => volume.obstacle(path));
  if (obstacle?.at !== path || obstacle.isFolder) return false;
  const present = volume.hash(path);
  // After a crash in the middle of the first write, what was to be written is ours too.
  return present === null || ![hash, owned?.claimed].includes(present);
}
