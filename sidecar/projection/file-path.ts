import { posix } from 'node:path';

/**
 * A path of a sync, in store, plan, record and volume: relative to FOLDER, or absolute where a folder annotation leads out of FOLDER.
 * Answers it as an absolute path, with FOLDER as `folder` has it.
 */
export function absolutePath(folder: string, path: string): string {
  return isOutside(path) ? path : posix.join(folder, path);
}

/** Whether a path of a sync lies outside FOLDER. */
export function isOutside(path: string): boolean {
  return path.startsWith('/');
}

/** Whether an absolute path is that of a folder, or of something in it. */
export function contains(folder: string, path: string): boolean {
  return !/^\.\.(\/|$)/.test(posix.relative(folder, path));
}
