import { failsafe } from './failsafe.ts';
import { isOutside } from '../projection/file-path.ts';
import type { OutsideFolders } from '../projection/outside-folders.ts';
import { isUntouched, type Owned, type OwnershipRecord } from './ownership-record.ts';
import type { PathClaims } from './path-owners.ts';
import type { Claim, StoredObject } from '../projection/store.ts';
import type { Volume } from './volume.ts';

/** What the record is read with. */
export interface RecordReader {
  readonly record: OwnershipRecord;
  readonly volume: Volume;
  readonly claims: PathClaims;
  readonly outside: OutsideFolders;
}

/**
 * The objects that an earlier process wrote the files of, as far as the record knows them. They count as seen until a list shows
 * otherwise, so that a restart changes no file on the way. What somebody touched meanwhile is no longer known to be right.
 */
export function recordedObjects(reader: RecordReader): StoredObject[] {
  const { record, volume } = reader;
  dropForbidden(reader);
  volume.sweep(record.state.owned.keys());
  const objects = new Map<string, { createdAt: string; claims: Map<string, Claim> }>();
  for (const [path, owned] of [...record.state.owned]) {
    // Another sync of this process has it by its own record: one of the two must let go.
    if (reader.claims.claim(path) !== null) {
      record.add({ drop: path });
      continue;
    }
    const { source, createdAt } = owned;
    const { claims } = objects.get(source) ?? { claims: new Map<string, Claim>() };
    objects.set(source, { createdAt, claims: claims.set(path, claimOf(owned)) });
    // Where we may not even look, nothing is known.
    const present = failsafe(() => volume.inspect(path));
    if (!isUntouched(owned, present)) record.state.owned.set(path, noLongerSure(owned));
  }
  return [...objects].map(([key, object]) => ({ key, uid: '', resourceVersion: '', ...object }));
}

function claimOf({ hash, url, mode }: Owned): Claim {
  return url === undefined ? { hash: hash ?? '', mode } : { hash: url, mode, url: null };
}

/** Lets go of what lies in folders that are no longer allowed; it stays as it is. */
export function dropForbidden({ record, outside }: Pick<RecordReader, 'record' | 'outside'>): void {
  const isForbidden = (path: string): boolean => isOutside(path) && !outside.accepts(path);
  for (const path of [...record.state.owned.keys()].filter(isForbidden)) record.add({ drop: path });
  for (const folder of [...record.state.folders].filter(isForbidden)) record.add({ dropFolder: folder });
}

/** What is known of a file that somebody may have touched. */
export function noLongerSure(owned: Owned): Owned {
  const { hash, claimed = hash } = owned;
  return { ...owned, hash: null, ...(claimed !== null && { claimed }) };
}
