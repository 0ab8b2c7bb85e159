import { platform } from 'node:os';
import { join } from 'node:path';
import { ourCache } from '../../scripts/cache-directory.ts';
import { machineArchitecture } from '../../scripts/machine-architecture.ts';
import type { PlainError } from '../../scripts/plain-error.ts';
import { findInPath, isExecutable } from './executable.ts';
import { buildBinaries } from './go-build.ts';
import type { GoModule } from './go-module.ts';
import type { OnProgress } from './progress.ts';
import type { GoProgram } from './programs.ts';

export interface BinariesOptions {
  /** KUBEBUILDER_ASSETS, XDG_CACHE_HOME and PATH are read; go gets all of it. */
  env: NodeJS.ProcessEnv;
  /** Default: $XDG_CACHE_HOME, else ~/.cache. */
  cacheDirectory?: string;
  onProgress: OnProgress;
  signal: AbortSignal;
  now?: () => number;
}

export interface WantedPrograms<Key extends string> {
  programs: readonly GoProgram<Key>[];
  goModule: GoModule;
  /** Those that need not be looked for. */
  found?: Readonly<Record<string, string | undefined>>;
  /** What to say when some are missing, and Go is too. */
  noGo: (search: FailedSearch) => PlainError;
}

export interface FailedSearch {
  missing: readonly GoProgram[];
  cache: string;
  goModule: GoModule;
}

/**
 * Finds programs of a Go module in the cache; what is missing there is built into it, all in one run of go. Throws a PlainError
 * when they can't be had, or the signal's reason.
 */
export async function findOrBuildGoPrograms<Key extends string>(
  { programs, goModule, found, noGo }: WantedPrograms<Key>,
  options: BinariesOptions,
): Promise<Record<Key, string>> {
  const { env, onProgress, signal, now = Date.now } = options;
  const directory = cacheFolder(goModule, options);
  const there = { ...(await cachedIn(directory, programs)), ...found };
  const missing = programs.filter(({ key }) => there[key] === undefined);
  if (missing.length > 0) {
    const go = await findInPath('go', env.PATH);
    if (go === undefined) throw noGo({ missing, cache: directory, goModule });
    await buildBinaries({ programs: missing, directory, goModule, go, env, onProgress, signal, now });
  }
  return { ...(await cachedIn(directory, programs)), ...there } as Record<Key, string>;
}

function cacheFolder({ cacheName }: GoModule, place: BinariesOptions): string {
  return join(ourCache(place), `${cacheName}-${platform()}-${machineArchitecture()}`);
}

async function cachedIn<Key extends string>(
  directory: string,
  programs: readonly GoProgram<Key>[],
): Promise<Partial<Record<Key, string>>> {
  const entries = programs.map(({ key, fileName }) => [key, join(directory, fileName)] as const);
  const present = await Promise.all(entries.map(([, path]) => isExecutable(path)));
  return Object.fromEntries(entries.filter((_, index) => present[index])) as Partial<Record<Key, string>>;
}
