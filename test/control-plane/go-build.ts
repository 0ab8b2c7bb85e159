import { mkdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PlainError } from '../../scripts/plain-error.ts';
import type { GoModule } from './go-module.ts';
import { startProcess } from './leashed-process.ts';
import type { OnProgress } from './progress.ts';
import type { GoProgram } from './programs.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

export interface GoBuildOptions {
  programs: readonly GoProgram[];
  /** Where the programs are put. */
  directory: string;
  goModule: GoModule;
  /** Path of the go command, and its environment. */
  go: string;
  env: NodeJS.ProcessEnv;
  onProgress: OnProgress;
  signal: AbortSignal;
  now: () => number;
}

/**
 * Builds programs into `directory`. Each appears there whole or not at all, also when the build is killed; of two builds at the
 * same time the later one replaces files by their like. Throws a PlainError with go's own words, or the signal's reason.
 */
export async function buildBinaries(options: GoBuildOptions): Promise<void> {
  const { programs, directory, signal } = options;
  await mkdir(directory, { recursive: true });
  // Beside the target, because a rename can't leave the file system.
  const folder = await createTemporaryFolder(`${basename(directory)}.build-`, dirname(directory));
  try {
    await runGoBuild(folder.path, options);
    signal.throwIfAborted();
    for (const { goPackage, fileName } of programs) {
      await rename(join(folder.path, builtName(goPackage)), join(directory, fileName));
    }
  } finally {
    await folder.remove();
  }
}

async function runGoBuild(target: string, options: GoBuildOptions): Promise<void> {
  const { go, env, goModule, programs, signal } = options;
  const watch = watchBuild(options);
  const build = await startProcess({
    command: go,
    args: [
      'build',
      '-v',
      '-mod=readonly',
      '-trimpath',
      ...goModule.buildFlags,
      '-o',
      `${target}/`,
      ...programs.map(({ goPackage }) => goPackage),
    ],
    // cgo would need a C compiler; a go.work above this folder would replace our go.mod.
    // What a killed go leaves behind in its work folder goes with ours.
    env: { ...env, CGO_ENABLED: '0', GOWORK: 'off', GOTMPDIR: target },
    cwd: goModule.directory,
    onLine: watch.onLine,
    signal,
  });
  const { code } = await build.exited;
  watch.end();
  signal.throwIfAborted();
  if (code !== 0) throw buildFailed(watch.lastLines(), goModule);
}

interface BuildWatch {
  onLine: (line: string) => void;
  lastLines: () => string;
  end: () => void;
}

/** `go build -v` prints a line for each package that it compiles, and one for each module that it downloads. */
function watchBuild({ programs, goModule, onProgress, now }: GoBuildOptions): BuildWatch {
  const names = programs.map(({ fileName }) => fileName).join(', ');
  const step = `building ${names} ${goModule.version} (once; minutes)`;
  const startedAt = now();
  const lastLines: string[] = [];
  let modules = 0;
  let packages = 0;
  const report = () => onProgress({ step, detail: detailOf({ modules, packages, elapsedMs: now() - startedAt }) });
  report();
  // The linker is silent for a long time.
  const timer = setInterval(report, 1000);
  return {
    onLine: (line) => {
      if (line.startsWith('go: downloading ')) modules += 1;
      else packages += 1;
      lastLines.push(line);
      if (lastLines.length > 15) lastLines.shift();
      report();
    },
    lastLines: () => lastLines.join('\n'),
    end: () => clearInterval(timer),
  };
}

function detailOf({ modules, packages, elapsedMs }: { modules: number; packages: number; elapsedMs: number }): string {
  const seconds = Math.floor(elapsedMs / 1000);
  const elapsed = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const downloaded = modules > 0 ? `${modules} modules downloaded, ` : '';
  return `${downloaded}${packages} packages compiled, ${elapsed}`;
}

/** go names a program after its package's folder, a major version's folder aside: go.etcd.io/etcd/server/v3 → server. */
function builtName(goPackage: string): string {
  return basename(goPackage.replace(/\/v\d+$/, ''));
}

function buildFailed(lastLines: string, { title, version, goVersion, disk }: GoModule): PlainError {
  return new PlainError(
    `${title} ${version} could not be built. It needs Go ${goVersion} or newer, the Go module proxy and ` +
      `about ${disk} of disk. go said at last:\n${lastLines}`,
  );
}
