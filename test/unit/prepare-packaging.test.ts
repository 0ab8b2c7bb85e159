import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PlainError } from '../../scripts/plain-error.ts';
import type { BinariesOptions } from '../control-plane/go-programs.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../control-plane/temporary-folder.ts';
import { preparePackaging } from '../packaging/prepare-packaging.ts';
import { findPromtool } from '../packaging/promtool.ts';
import { writeScripts } from './fake-programs.ts';

let folder: TemporaryFolder;
let bin: string;

beforeEach(async () => {
  folder = await createTemporaryFolder('sync-sidecar-packaging-');
  bin = join(folder.path, 'bin');
});
afterEach(() => folder.remove());

/** Commands are found in `bin` alone, and nothing is cached. */
function options(signal = new AbortController().signal): BinariesOptions {
  return { env: { XDG_CACHE_HOME: folder.path, PATH: bin }, onProgress: () => undefined, signal };
}

describe('promtool', () => {
  it('comes from PATH', async () => {
    await writeScripts(bin, { promtool: 'echo promtool, version 3.0.0' });

    expect(await findPromtool(options())).toBe(join(bin, 'promtool'));
  });

  it('is asked for with what is wrong and how to get it', async () => {
    await writeScripts(bin, { promtool: 'echo bad CPU type >&2; exit 126' });

    await expect(findPromtool(options())).rejects.toThrow(
      new PlainError(
        "This checks alert rules by Prometheus' own means, but there is no promtool:\n" +
          `  - ${bin}/promtool does not tell its version: bad CPU type\n` +
          "  - prometheus would be taken from Debian's packages, but there is no apt-get in PATH. Run this on Debian or Ubuntu.\n" +
          'Install one into PATH: on Debian and Ubuntu by `apt-get install prometheus`,\n' +
          'elsewhere take the program from https://prometheus.io/download/.',
      ),
    );
  });
});

describe('preparing what tests of manifests use', () => {
  it('leaves what can not be had to the tests that need it', async () => {
    await expect(preparePackaging(options())).resolves.toBeUndefined();
  });

  it('ends when it is aborted', async () => {
    const reason = new Error('interrupted');

    await expect(preparePackaging(options(AbortSignal.abort(reason)))).rejects.toBe(reason);
  });
});
