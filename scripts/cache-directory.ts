import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

export interface CachePlace {
  /** XDG_CACHE_HOME and HOME are read. */
  env: NodeJS.ProcessEnv;
  /** Default: $XDG_CACHE_HOME, else ~/.cache. */
  cacheDirectory?: string | undefined;
}

/** The folder for what can be had or made again. */
export function ourCache({ env, cacheDirectory }: CachePlace): string {
  return join(cacheDirectory ?? userCache(env), 'sync-sidecar');
}

function userCache({ XDG_CACHE_HOME = '', HOME }: NodeJS.ProcessEnv): string {
  // A relative path doesn't count: https://specifications.freedesktop.org/basedir-spec/latest/#variables
  return isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(HOME || homedir(), '.cache');
}
