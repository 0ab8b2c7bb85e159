import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../test/e2e');

/** Says what is wrong with a pattern of test files that picks none; undefined: each picks some. */
export async function patternProblem(patterns: readonly string[]): Promise<string | undefined> {
  if (patterns.length === 0) return undefined;
  const files = (await readdir(folder)).filter((name) => name.endsWith('.test.ts')).sort();
  const wrong = patterns.find((pattern) => !files.some((file) => picks(pattern, join(folder, file))));
  if (wrong === undefined) return undefined;
  return `${JSON.stringify(wrong)} picks no test file; there are:\n${files.map((file) => `  ${file}`).join('\n')}`;
}

/** As Jest does: https://jestjs.io/docs/cli#jest-regexfortestfiles */
function picks(pattern: string, path: string): boolean {
  try {
    return new RegExp(pattern, 'i').test(path);
  } catch {
    return false;
  }
}
