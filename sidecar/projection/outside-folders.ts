import { realpathSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import { contains } from './file-path.ts';

/** The folders outside of FOLDER that absolute folder annotations may lead to. */
export interface OutsideFolders {
  /** As they were set; null means every folder. */
  readonly allowed: readonly string[] | null;
  /**
   * Where an absolute folder really is, with links resolved, so that every file has one path: relative to FOLDER if it lies in it. Null
   * where it must not be: below an allowed folder no link may lead anywhere else. The folder need not exist.
   */
  locate(folder: string): string | null;
  /** Whether a path that `locate` gave to an earlier process may still be touched. */
  accepts(path: string): boolean;
}

/** `root` is FOLDER with links resolved. */
export function outsideFolders(root: string, allowed: readonly string[] | null): OutsideFolders {
  const place = (real: string): string => (contains(root, real) ? posix.relative(root, real) || '.' : real);
  return {
    allowed,
    locate: (folder) => {
      if (allowed === null) return place(resolveLinks(folder));
      const above = allowed.find((each) => contains(each, folder));
      if (above === undefined) return null;
      const intended = join(resolveLinks(above), posix.relative(above, folder));
      return resolveLinks(folder) === intended ? place(intended) : null;
    },
    accepts: (path) =>
      !contains(root, path) && (allowed === null || allowed.some((each) => contains(resolveLinks(each), path))),
  };
}

/** Resolves links as far as the path exists and may be looked at; what the rest is shows when something is written there. */
function resolveLinks(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(resolveLinks(above), basename(path));
  }
}
