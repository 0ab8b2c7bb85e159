import { readdir, readFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PlainError } from '../../scripts/plain-error.ts';
import type { BinariesOptions } from '../control-plane/go-programs.ts';
import { readGoMod } from '../control-plane/go-module.ts';
import type { Progress } from '../control-plane/progress.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../control-plane/temporary-folder.ts';
import { findOrBuildActionlint, findOrBuildHelm } from '../packaging/packaging-programs.ts';
import { fakeGo, writeScripts } from './fake-programs.ts';

const { goVersion, versionOf } = await readGoMod(join(import.meta.dirname, '../packaging'));
const helmVersion = versionOf('helm.sh/helm/v4');
const actionlintVersion = versionOf('github.com/rhysd/actionlint');
const system = `${platform()}-${arch() === 'x64' ? 'amd64' : arch()}`;

let folder: TemporaryFolder;
let bin: string;
let cache: string;
let progress: Progress[];

beforeEach(async () => {
  folder = await createTemporaryFolder('sync-sidecar-packaging-programs-');
  bin = join(folder.path, 'bin');
  cache = join(folder.path, 'sync-sidecar');
  progress = [];
});
afterEach(() => folder.remove());

/** Commands are found in `bin` alone, so that none of the machine's decides over a test. */
function options(): BinariesOptions {
  return {
    env: { XDG_CACHE_HOME: folder.path, PATH: bin },
    onProgress: (one) => progress.push(one),
    signal: new AbortController().signal,
    now: () => 0,
  };
}

describe('helm and actionlint', () => {
  it('come from the cache', async () => {
    await writeScripts(join(cache, `helm-${helmVersion}-${system}`), { helm: '' });
    await writeScripts(join(cache, `actionlint-${actionlintVersion}-${system}`), { actionlint: '' });

    expect(await findOrBuildHelm(options())).toBe(join(cache, `helm-${helmVersion}-${system}`, 'helm'));
    expect(await findOrBuildActionlint(options())).toBe(
      join(cache, `actionlint-${actionlintVersion}-${system}`, 'actionlint'),
    );
    expect(progress).toEqual([]);
  });

  it('are built each alone, with the version that go.mod names', async () => {
    await writeScripts(bin, { go: `echo "$@" >> '${folder.path}/arguments'; ${fakeGo}` });

    await findOrBuildHelm(options());
    await findOrBuildActionlint(options());

    const builds = (await readFile(join(folder.path, 'arguments'), 'utf8')).trimEnd().split('\n');
    expect(builds.map((line) => line.replace(/ -o \S+/, ''))).toEqual([
      `build -v -mod=readonly -trimpath -ldflags=-s -w -X helm.sh/helm/v4/internal/version.version=v${helmVersion} helm.sh/helm/v4/cmd/helm`,
      `build -v -mod=readonly -trimpath -ldflags=-s -w -X github.com/rhysd/actionlint.version=${actionlintVersion} github.com/rhysd/actionlint/cmd/actionlint`,
    ]);
    expect((await readdir(cache)).sort()).toEqual([
      `actionlint-${actionlintVersion}-${system}`,
      `helm-${helmVersion}-${system}`,
    ]);
    expect(progress.at(-1)?.step).toBe(`building actionlint ${actionlintVersion} (once; minutes)`);
  });

  it('are asked for with what to do where there is no Go', async () => {
    const failure = await findOrBuildHelm(options()).catch((error: unknown) => error);

    expect(failure).toEqual(
      new PlainError(
        `This checks how the webhook is installed, but there is no helm (Helm ${helmVersion})\n` +
          `in the cache ${cache}/helm-${helmVersion}-${system}, and there is no Go to build it.\n` +
          `Please install Go ${goVersion} or newer (https://go.dev/dl/): the first run builds for some minutes, later ones don't.`,
      ),
    );
  });
});
