import { expect } from '@jest/globals';
import { eventually } from '../eventually.ts';
import { readVisibleTree } from './folder-tree.ts';

/** Waits until the files of a folder are these; hidden ones (the ownership record) aside. */
export async function expectFiles(
  folder: string,
  expected: Record<string, unknown>,
  timeoutMs = 10_000,
): Promise<void> {
  const asExpected = (): boolean => {
    expect(readVisibleTree(folder)).toEqual(expected);
    return true;
  };
  await eventually(asExpected, { timeoutMs, intervalMs: 20 }).catch(() => undefined);
  asExpected();
}
