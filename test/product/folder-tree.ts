import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Every file below a folder: its path in it, and its content in latin1, so that bytes of any kind can be compared. */
export function readTree(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).sort();
  return Object.fromEntries(paths.map((path) => [relative(folder, path), readFileSync(path, 'latin1')]));
}

/** The lines of a diff between two trees. */
export function* treeChanges(
  before: Record<string, string>,
  after: Record<string, string>,
): Generator<{ sign: '+' | '-' | '~'; path: string; content: string }> {
  for (const [path, content] of Object.entries(before)) if (!(path in after)) yield { sign: '-', path, content };
  for (const [path, content] of Object.entries(after)) {
    if (before[path] !== content) yield { sign: path in before ? '~' : '+', path, content };
  }
}

/** The same without hidden files, such as the ownership record where no STATE_DIR is set. */
export function readVisibleTree(folder: string): Record<string, string> {
  return Object.fromEntries(Object.entries(readTree(folder)).filter(([path]) => !path.startsWith('.')));
}

/** Path and permissions of every file below a folder that is not hidden, as `stat` prints them: 644. */
export function readModes(folder: string): Record<string, string> {
  const modeOf = (path: string): string => (statSync(join(folder, path)).mode & 0o7777).toString(8);
  return Object.fromEntries(Object.keys(readVisibleTree(folder)).map((path) => [path, modeOf(path)]));
}
