import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findInPath } from '../../test/control-plane/executable.ts';
import { runCommand, type CommandResult } from '../../test/control-plane/leashed-process.ts';
import type { OnProgress } from '../../test/control-plane/progress.ts';
import { createTemporaryFolder } from '../../test/control-plane/temporary-folder.ts';
import { PlainError } from '../plain-error.ts';
import { ourCache, type CachePlace } from '../cache-directory.ts';
import { machineArchitecture } from '../machine-architecture.ts';
import { runApt, type AptRun } from './apt.ts';

export interface DebianPackagesOptions extends CachePlace {
  onProgress: OnProgress;
  signal: AbortSignal;
}

/** Package name → folder with its files. */
export type UnpackedPackages = Record<string, string>;

/**
 * Unpacks Debian packages, in the version that apt-get would install, into the cache, and answers the folder of each. Nothing of the
 * machine changes. What is cached in that version needs no network; without network any cached version will do, the youngest first.
 * Throws a PlainError when one can't be had, or the signal's reason.
 */
export async function unpackDebianPackages(
  names: readonly string[],
  options: DebianPackagesOptions,
): Promise<UnpackedPackages> {
  await requireDebian(names, options);
  const cache = join(ourCache(options), 'debian');
  await mkdir(cache, { recursive: true });
  for (const lists of ["the machine's", 'ours'] as const) {
    const fetched = await fetchMissing(names, cache, { ...options, lists });
    if (isComplete(fetched, names)) return fetched.folders;
  }
  // There are no package lists yet, or they name versions that the mirror has no more.
  options.onProgress({ step: 'reading the package lists of Debian into our cache (apt-get update)' });
  const renewed = { ...options, lists: 'ours' } as const;
  const update = await runApt(['update'], renewed);
  const last = await fetchMissing(names, cache, renewed);
  const folders = { ...(await youngestCached(names, cache)), ...last.folders };
  if (isComplete({ folders }, names)) return folders;
  throw notToBeHad(
    names.filter((name) => !(name in folders)),
    `${update.stderr}${last.words}`,
  );
}

async function requireDebian(names: readonly string[], { env, signal }: DebianPackagesOptions): Promise<void> {
  signal.throwIfAborted();
  for (const command of ['apt-get', 'dpkg-deb']) {
    if (await findInPath(command, env.PATH)) continue;
    throw new PlainError(
      `${names.join(', ')} would be taken from Debian's packages, but there is no ${command} in PATH. Run this on Debian or Ubuntu.`,
    );
  }
}

type Fetching = DebianPackagesOptions & Pick<AptRun, 'lists'>;

interface Fetched {
  folders: UnpackedPackages;
  /** What apt-get complained of. */
  words: string;
}

function isComplete({ folders }: Pick<Fetched, 'folders'>, names: readonly string[]): boolean {
  return names.every((name) => name in folders);
}

/** Folders of those packages that apt-get knows and, where they are not cached, can fetch. */
async function fetchMissing(names: readonly string[], cache: string, options: Fetching): Promise<Fetched> {
  const { candidates, words } = await findCandidates(names, options);
  const cached = await Promise.all(candidates.map(({ folder }) => isFolder(join(cache, folder))));
  const missing = candidates.filter((_, index) => !cached[index]);
  const failure = missing.length === 0 ? undefined : await download(missing, cache, options);
  const there = failure === undefined ? candidates : candidates.filter((_, index) => cached[index]);
  return {
    folders: Object.fromEntries(there.map(({ name, folder }) => [name, join(cache, folder)])),
    words: `${words}${failure ?? ''}`,
  };
}

interface Candidate {
  name: string;
  /** As apt-get names the file, which has version and architecture: tini_0.19.0-1_amd64. */
  folder: string;
  bytes: number;
}

async function findCandidates(
  names: readonly string[],
  options: Fetching,
): Promise<{ candidates: Candidate[]; words: string }> {
  const { stdout, stderr } = await runApt(['download', '--print-uris', ...names], options);
  // 'http://…/tini_0.19.0-1%2bb3_amd64.deb' tini_0.19.0-1+b3_amd64.deb 267204 SHA256:…
  const lines = [...stdout.matchAll(/^'.*' (([^_\s]+)_\S+)\.deb (\d+)/gm)];
  const candidates = lines.map(([, folder = '', name = '', bytes]) => ({ name, folder, bytes: Number(bytes) }));
  return { candidates, words: stderr };
}

/** Fetches packages and unpacks them, each whole or not at all. Answers why that failed; undefined: it did not. */
async function download(packages: readonly Candidate[], cache: string, options: Fetching): Promise<string | undefined> {
  const names = packages.map(({ name }) => name);
  const megabytes = Math.ceil(packages.reduce((sum, { bytes }) => sum + bytes, 0) / 1e5) / 10;
  options.onProgress({ step: `fetching from Debian: ${names.join(', ')}`, detail: `${megabytes} MB` });
  // Beside the target, because a rename can't leave the file system.
  const temporary = await createTemporaryFolder('.unpack-', cache);
  try {
    let failure = failureOf(await runApt(['download', ...names], { ...options, cwd: temporary.path }));
    for (const one of packages) failure ??= await unpack(one, temporary.path, { cache, ...options });
    return failure;
  } finally {
    await temporary.remove();
  }
}

async function unpack(
  { folder }: Candidate,
  temporary: string,
  { cache, env, signal }: DebianPackagesOptions & { cache: string },
): Promise<string | undefined> {
  const unpacked = join(temporary, folder);
  const args = ['-x', `${unpacked}.deb`, unpacked];
  const failure = failureOf(await runCommand({ command: 'dpkg-deb', args, env, signal }));
  if (failure !== undefined) return failure;
  await rename(unpacked, join(cache, folder)).catch(async (cause: unknown) => {
    // Somebody else has unpacked the same package meanwhile.
    if (!(await isFolder(join(cache, folder)))) throw cause;
  });
  return undefined;
}

function failureOf({ code, signal, stderr }: CommandResult): string | undefined {
  return code === 0 ? undefined : stderr || `it ended with ${signal ?? `exit code ${code}`}`;
}

async function youngestCached(names: readonly string[], cache: string): Promise<UnpackedPackages> {
  const folders: UnpackedPackages = {};
  const entries = (await readdir(cache)).filter(
    (entry) => /_all$/.test(entry) || entry.endsWith(`_${machineArchitecture()}`),
  );
  for (const name of names) {
    const paths = entries.filter((entry) => entry.startsWith(`${name}_`)).map((entry) => join(cache, entry));
    // dpkg-deb gives a folder the time at which its package was made.
    const dated = await Promise.all(paths.map(async (path) => ({ path, time: (await stat(path)).mtimeMs })));
    const youngest = dated.sort((a, b) => b.time - a.time)[0];
    if (youngest) folders[name] = youngest.path;
  }
  return folders;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function notToBeHad(names: readonly string[], words: string): PlainError {
  return new PlainError(
    `Debian's packages ${names.join(', ')} can't be had. They are needed once, and taken from the mirrors that apt-get is set up with.\n` +
      `Try \`apt-get update\` as root, then \`apt-get download ${names.join(' ')}\`. apt-get said:\n${words.trim()}`,
  );
}
