import { expectEventually } from './expect-eventually.ts';
import { readVisibleTree } from './folder-tree.ts';

/** Waits until the files of a folder are these; hidden ones (the ownership record) aside. */
export function expectFiles(folder: string, expected: Record<string, unknown>, timeoutMs = 10_000): Promise<void> {
  return expectEventually(() => readVisibleTree(folder), expected, timeoutMs);
}
