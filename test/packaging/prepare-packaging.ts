import { PlainError } from '../../scripts/plain-error.ts';
import type { BinariesOptions } from '../control-plane/go-programs.ts';
import { findOrFetchCrds } from './crd-files.ts';
import { findOrBuildActionlint, findOrBuildHelm } from './packaging-programs.ts';
import { findPromtool } from './promtool.ts';

/**
 * Builds and fetches what tests of manifests and chart use, so that no test waits for it. What can't be had is left to the tests that need
 * it: they fail with the reason, and the others run.
 */
export async function preparePackaging(options: BinariesOptions): Promise<void> {
  for (const prepare of [findOrBuildHelm, findOrBuildActionlint, findOrFetchCrds, findPromtool]) {
    await prepare(options).catch((error: unknown) => {
      if (!(error instanceof PlainError)) throw error;
    });
  }
}
