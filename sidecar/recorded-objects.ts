import { isUntouched, type OwnershipRecord } from './ownership-record.ts';
import type { PathClaims } from './path-owners.ts';
import type { Claim, StoredObject } from './store.ts';
import type { Volume } from './volume.ts';

/** What the record is read with. */
export interface RecordReader {
  readonly record: OwnershipRecord;
  readonly volume: Volume;
  readonly claims: PathClaims;
}

/**
 * The objects that an earlier process wrote the files of, as far as the record knows them. They count as seen until a list shows
 * otherwise, so that a restart changes no file on the way. What somebody touched meanwhile is no longer known to be right.
 */
export function recordedObjects({ record, volume, claims: pathClaims }: RecordReader): StoredObject[] {
  const objects = new Map<string, { createdAt: string; claims: Map<string, Claim> }>();
  for (const [path, owned] of [...record.state.owned]) {
    // Another sync of this process has it by its own record: one of the two must let go.
    if (pathClaims.claim(path) !== null) {
      record.add({ drop: path });
      continue;
    }
    const { source, createdAt, hash, mode } = owned;
    const { claims } = objects.get(source) ?? { claims: new Map<string, Claim>() };
    objects.set(source, { createdAt, claims: claims.set(path, { hash: hash ?? '', mode }) });
    if (!isUntouched(owned, volume.inspect(path))) record.state.owned.set(path, { ...owned, hash: null });
  }
  return [...objects].map(([key, object]) => ({ key, uid: '', resourceVersion: '', ...object }));
}
