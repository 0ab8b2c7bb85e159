import { ownPrefix } from '../projection/own-prefix.ts';
import { hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hasErrorCode } from '../../shared/system-error.ts';

export interface TemporaryNaming {
  /** Of the sync. */
  readonly id: string;
  /** Tells apart who shares a volume: the host name, which a pod keeps for its whole life. */
  readonly host: string;
  /** In [0, 1). */
  readonly random: () => number;
}

export interface TemporaryNames {
  /** What the names of all temporary files of this sync and this host begin with. */
  readonly own: string;
  /** Always the same for one purpose, so that a repeated error has the same text. */
  nameFor(purpose: 'file' | 'record' | 'clock'): string;
}

// No write takes nearly as long; the time of the last change is that of the last byte.
const abandonedMs = 120_000;

/** Names that no other process on the volume uses: two replicas may have the same sync. */
export function temporaryNames({ id, host, random }: TemporaryNaming): TemporaryNames {
  const own = `${ownPrefix}${id}.tmp-${hash('sha256', host, 'hex').slice(0, 8)}-`;
  const suffix = Math.floor(random() * 2 ** 32).toString(16);
  return { own, nameFor: (purpose) => `${own}${suffix}-${purpose}` };
}

/**
 * Removes what a crash has left in a folder: temporary files of this sync's earlier processes on this host, and those of anybody
 * that nobody has written to for two minutes.
 */
export function removeLeftovers(folder: string, names: TemporaryNames): void {
  const temporary = readdirSync(folder).filter((name) => name.startsWith(ownPrefix) && name.includes('.tmp-'));
  const [own, others] = [true, false].map((isOwn) => temporary.filter((name) => name.startsWith(names.own) === isOwn));
  for (const name of own ?? []) rmSync(join(folder, name), { force: true });
  const now = others && others.length > 0 ? fileSystemTime(join(folder, names.nameFor('clock'))) : null;
  if (others && now !== null) for (const name of others) removeIfAbandoned(join(folder, name), now);
}

/**
 * The time of the file system at `probe`, a file that isn't there, in milliseconds: that of a volume's server, not of this node.
 * Null when it can't be told because the disk is full, for example.
 */
export function fileSystemTime(probe: string): number | null {
  try {
    const file = openSync(probe, 'wx', 0o600);
    try {
      return fstatSync(file).ctimeMs;
    } finally {
      closeSync(file);
      rmSync(probe, { force: true });
    }
  } catch {
    return null;
  }
}

function removeIfAbandoned(path: string, now: number): void {
  try {
    if (now - statSync(path).mtimeMs > abandonedMs) rmSync(path, { force: true });
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
  }
}
