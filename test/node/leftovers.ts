import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, open, readdir, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { markerName } from '../control-plane/temporary-folder.ts';
import { removeStaleCgroups } from './cgroups.ts';
import { ifGone } from './gone.ts';

export interface LeftoversOptions {
  /** Milliseconds since the epoch. */
  now: number;
  /** Whose folders may be removed. */
  uid: number | undefined;
  /** Where temporary folders are; the system's unless told. */
  parent?: string;
}

/** Removes what killed runs have left, and says so, a line for each; returns their number. */
export async function tidyUp(options: LeftoversOptions, print: (line: string) => void): Promise<number> {
  const removed = await removeLeftovers(options);
  for (const name of removed) print(`removed what a killed run has left: ${name}`);
  return removed.length;
}

/**
 * Removes what runs have left that were killed together with all that cleans up behind them: empty cgroups and folders. Answers
 * what it was. What others use at this moment stays.
 */
export async function removeLeftovers(options: LeftoversOptions): Promise<string[]> {
  return [...(await removeStaleCgroups(options)), ...(await removeStaleFolders(options))];
}

/** The folders that createTemporaryFolder has made here, and whose remover is no more. */
export async function removeStaleFolders({ uid, parent = tmpdir() }: Omit<LeftoversOptions, 'now'>): Promise<string[]> {
  const removed: string[] = [];
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    if (name.startsWith('sync-sidecar-') && (await isOwnFolder(path, uid)) && (await removeUnlessUsed(path)))
      removed.push(path);
  }
  return removed;
}

/** In a folder for everybody others may leave what they like, links too. */
async function isOwnFolder(path: string, uid: number | undefined): Promise<boolean> {
  const found = await lstat(path).catch(ifGone);
  return found !== undefined && found.isDirectory() && found.uid === uid;
}

async function removeUnlessUsed(path: string): Promise<boolean> {
  // Without a marker it is not ours, or a run was killed before it had put anything into it.
  const marker = await open(join(path, markerName)).catch(ifGone);
  if (marker === undefined) return false;
  try {
    // Held until the folder is gone: of two who clean at the same time one removes it, and the other finds it locked or gone.
    if (!(await lock(marker)) || (await marker.stat()).nlink === 0) return false;
    await rm(path, { recursive: true, force: true, maxRetries: 10 });
    return true;
  } finally {
    await marker.close();
  }
}

/** Locks a file until it is closed here; false if another process has locked it, or `flock` is missing. */
async function lock({ fd }: FileHandle): Promise<boolean> {
  // The lock is of the open file, which the command shares with this process: it outlives the command.
  // https://man7.org/linux/man-pages/man2/flock.2.html
  const flock = spawn('flock', ['-n', '3'], { stdio: ['ignore', 'ignore', 'ignore', fd] });
  await once(flock, 'exit').catch(ifGone);
  return flock.exitCode === 0;
}
