import { fileURLToPath } from 'node:url';
import { readGoMod, type GoModule } from '../control-plane/go-module.ts';
import { findOrBuildGoPrograms, type BinariesOptions } from '../control-plane/go-programs.ts';
import { noGo } from '../control-plane/no-go.ts';

/**
 * Answers the path of a helm of the version that go.mod names: from the cache, into which it is built with Go when it is missing.
 * Throws a PlainError when it can't be had, or the signal's reason.
 */
export async function findOrBuildHelm(options: BinariesOptions): Promise<string> {
  return findOrBuild(helm, options);
}

/** As findOrBuildHelm, for actionlint. */
export async function findOrBuildActionlint(options: BinariesOptions): Promise<string> {
  return findOrBuild(actionlint, options);
}

interface PackagingProgram {
  fileName: string;
  title: string;
  goModule: string;
  /** The variable that holds its version, and how it writes one. */
  stamp: (version: string) => string;
  disk: string;
}

const helm: PackagingProgram = {
  fileName: 'helm',
  title: 'Helm',
  goModule: 'helm.sh/helm/v4',
  stamp: (version) => `helm.sh/helm/v4/internal/version.version=v${version}`,
  disk: '2 GB',
};

const actionlint: PackagingProgram = {
  fileName: 'actionlint',
  title: 'actionlint',
  goModule: 'github.com/rhysd/actionlint',
  stamp: (version) => `github.com/rhysd/actionlint.version=${version}`,
  disk: '100 MB',
};

async function findOrBuild(program: PackagingProgram, options: BinariesOptions): Promise<string> {
  const { fileName, goModule } = program;
  options.signal.throwIfAborted();
  const wanted = { key: 'program', fileName, goPackage: `${goModule}/cmd/${fileName}` } as const;
  const found = await findOrBuildGoPrograms(
    {
      programs: [wanted],
      goModule: await moduleOf(program),
      noGo: (search) => noGo(search, 'This checks how the webhook is installed'),
    },
    options,
  );
  return found.program;
}

/** Each has a folder of the cache of its own, so that a new version of one leaves the other as it is. */
async function moduleOf({ fileName, title, goModule, stamp, disk }: PackagingProgram): Promise<GoModule> {
  const directory = fileURLToPath(new URL('.', import.meta.url));
  const { goVersion, versionOf } = await readGoMod(directory);
  const version = versionOf(goModule);
  return {
    directory,
    goVersion,
    title,
    version,
    cacheName: `${fileName}-${version}`,
    buildFlags: [`-ldflags=-s -w -X ${stamp(version)}`],
    disk,
  };
}
