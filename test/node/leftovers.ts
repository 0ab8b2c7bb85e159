import { readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCommandLines } from '../command-lines.ts';
import { removeStaleCgroups } from './cgroups.ts';

export interface LeftoversOptions {
  /** Milliseconds since the epoch. */
  now: number;
  /** Where temporary folders are; the system's unless told. */
  parent?: string;
}

/**
 * Removes what runs have left that were killed together with all that cleans up behind them: empty cgroups and folders. Answers
 * what it was. What others use at this moment stays.
 */
export async function removeLeftovers(options: LeftoversOptions): Promise<string[]> {
  return [...(await removeStaleCgroups()), ...(await removeStaleFolders(options))];
}

/** Of a control plane, of a node, of the tests on it; then mkdtemp's six characters. */
const folderName = /^sync-sidecar-(node-|e2e-)?[A-Za-z0-9]{6}$/;

/** The command line of the process that will remove a folder names it (temporary-folder.ts); this process is milliseconds younger. */
async function removeStaleFolders({ now, parent = tmpdir() }: LeftoversOptions): Promise<string[]> {
  const commandLines = [...(await readCommandLines()).values()].join('\n');
  const stale: string[] = [];
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    if (!folderName.test(name) || commandLines.includes(path)) continue;
    const { mtimeMs } = await stat(path);
    if (now - mtimeMs < 10_000) continue;
    await rm(path, { recursive: true, force: true });
    stale.push(path);
  }
  return stale;
}
