import { fileURLToPath } from 'node:url';
import { PlainError } from '../../scripts/plain-error.ts';
import { findInPath } from '../control-plane/executable.ts';
import { readGoMod } from '../control-plane/go-module.ts';
import type { BinariesOptions } from '../control-plane/go-programs.ts';
import { runCommand } from '../control-plane/leashed-process.ts';

/** The version of a module that crds/go.mod names, without its v. */
export async function readCrdVersion(goModule: string): Promise<string> {
  return (await readGoMod(directory)).versionOf(goModule);
}

/**
 * Downloads a module that crds/go.mod names, unless Go has it already, and answers the folder of its files; go compares them with go.sum.
 * Throws a PlainError when it can't be had, or the signal's reason.
 */
export async function downloadGoModule(goModule: string, options: BinariesOptions): Promise<string> {
  const { env, onProgress, signal } = options;
  const go = await findInPath('go', env.PATH);
  if (go === undefined) throw await noGo(goModule);
  onProgress({ step: `fetching ${goModule} ${await readCrdVersion(goModule)} (once; 4 MB)` });
  const { code, stdout, stderr } = await runCommand({
    command: go,
    args: ['mod', 'download', '-json', goModule],
    // A go.work above this folder would replace our go.mod.
    env: { ...env, GOWORK: 'off' },
    cwd: directory,
    signal,
  });
  if (code !== 0) throw await notToBeHad(goModule, `${stderr}${errorIn(stdout)}`);
  return (JSON.parse(stdout) as Download).Dir;
}

const directory = fileURLToPath(new URL('crds', import.meta.url));

/** https://go.dev/ref/mod#go-mod-download */
interface Download {
  Dir: string;
  Error?: string;
}

/** go tells of a module's failure in its JSON, of others on stderr. */
function errorIn(stdout: string): string {
  return stdout.startsWith('{') ? ((JSON.parse(stdout) as Download).Error ?? '') : '';
}

const needed = "This checks our objects against other projects' CustomResourceDefinitions, but";

async function noGo(goModule: string): Promise<PlainError> {
  const { goVersion, versionOf } = await readGoMod(directory);
  return new PlainError(
    `${needed} those of ${goModule} ${versionOf(goModule)} are not in the cache,\n` +
      `and there is no Go to fetch them. Please install Go ${goVersion} or newer (https://go.dev/dl/).`,
  );
}

async function notToBeHad(goModule: string, words: string): Promise<PlainError> {
  const version = await readCrdVersion(goModule);
  return new PlainError(
    `${needed} ${goModule} ${version} could not be fetched\nfrom the Go module proxy. go said:\n${words.trim()}`,
  );
}
