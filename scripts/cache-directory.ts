import { homedir } from 'node:os';
import { join } from 'node:path';

export interface CachePlace {
  /** XDG_CACHE_HOME and HOME are read. */
  env: NodeJS.ProcessEnv;
  /** Default: $XDG_CACHE_HOME, else ~/.cache. */
  cacheDirectory?: string | undefined;
}

/** The folder for what can be had or made again. */
export function ourCache({ env, cacheDirectory }: CachePlace): string {
  return join(cacheDirectory ?? (env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache')), 'sync-sidecar');
}
