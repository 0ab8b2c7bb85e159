import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand, type CommandResult } from '../../test/control-plane/leashed-process.ts';
import { ourCache, type CachePlace } from '../cache-directory.ts';

export interface AptRun extends CachePlace {
  /** Of which package lists: those that the machine has, or our own, which alone may be renewed. */
  lists: "the machine's" | 'ours';
  /** Where `download` puts its files. */
  cwd?: string;
  signal: AbortSignal;
}

/**
 * Runs apt-get with the sources and keys that the machine has. All that it writes goes into our cache, so that nothing of the machine
 * changes, and nobody has to be root.
 */
export async function runApt(args: readonly string[], run: AptRun): Promise<CommandResult> {
  const { env, cwd, signal } = run;
  return runCommand({
    command: 'apt-get',
    args: ['--quiet=2', ...(await settings(run)).flatMap((setting) => ['-o', setting]), ...args],
    env: { ...env, LC_ALL: 'C.UTF-8' },
    ...(cwd !== undefined && { cwd }),
    signal,
  });
}

async function settings({ lists, ...place }: AptRun): Promise<string[]> {
  const folder = join(ourCache(place), 'apt');
  // apt-get makes these itself only below folders of its own.
  for (const path of ['lists/partial', 'cache/archives/partial']) await mkdir(join(folder, path), { recursive: true });
  return [
    `Dir::Cache=${join(folder, 'cache')}`,
    ...(lists === 'ours' ? [`Dir::State::lists=${join(folder, 'lists')}`] : []),
    // The user _apt, which apt-get otherwise turns into, may not write into a cache of root's.
    'APT::Sandbox::User=root',
    // A mirror that doesn't answer within 20 s (30 by default) won't at the next try.
    'Acquire::http::Timeout=20',
    'Acquire::Retries=1',
  ];
}
