import type { ApplyTools, ContentWrite } from './apply-plan.ts';
import { absolutePath } from './file-path.ts';
import { PathTakenError } from './volume.ts';

/** Takes the paths for this sync; answers those that it may not write to, with the reason. */
export function refusedWrites(writes: readonly ContentWrite[], tools: ApplyTools): Map<string, PathTakenError> {
  const refused = new Map<string, PathTakenError>();
  for (const write of writes) {
    const reason = refusal(write, tools);
    if (reason !== null)
      refused.set(write.path, new PathTakenError(`${absolutePath(tools.folder, write.path)} ${reason}`));
  }
  return refused;
}

function refusal(write: ContentWrite, tools: ApplyTools): string | null {
  const other = tools.claims.claim(write.path);
  if (other !== null) return `belongs to the sync ${other}`;
  if (!tools.keepsExisting || !isForeign(write, tools)) return null;
  // Another sync of this process may have it: for it too the file is in the way, but its content may be equal.
  tools.claims.release(write.path);
  return `is there already, with other content than ${write.source} has for it, and stays (EXISTING_FILES=keep)`;
}

/** Whether a file or link of other content stands at a path that isn't ours. A folder is in the way in any case. */
function isForeign({ path, claim }: ContentWrite, { volume, record }: ApplyTools): boolean {
  const owned = record.state.owned.get(path);
  if (owned?.fingerprint) return false;
  const obstacle = volume.obstacle(path);
  if (obstacle?.at !== path || obstacle.isFolder) return false;
  const present = volume.hash(path);
  // After a crash in the middle of the first write, what was to be written is ours too.
  return present === null || ![claim.hash, owned?.claimed].includes(present);
}
