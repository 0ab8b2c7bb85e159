import { arch, homedir, platform } from 'node:os';
import { join } from 'node:path';
import { readAssets } from './envtest-assets.ts';
import { findInPath, isExecutable } from './executable.ts';
import { buildBinaries } from './go-build.ts';
import { minorVersion, readGoModule, type GoModule } from './go-module.ts';
import type { OnProgress } from './progress.ts';
import { BinariesError, programs, type Binaries, type Program } from './programs.ts';

export interface BinariesOptions {
  /** KUBEBUILDER_ASSETS, XDG_CACHE_HOME and PATH are read; go gets all of it. */
  env: NodeJS.ProcessEnv;
  /** Default: $XDG_CACHE_HOME, else ~/.cache. */
  cacheDirectory?: string;
  onProgress: OnProgress;
  signal: AbortSignal;
  now?: () => number;
}

/**
 * Finds the programs of a control plane: in $KUBEBUILDER_ASSETS, then in the cache; what is in neither is built with Go into the
 * cache. Throws a BinariesError when they can't be had, or the signal's reason.
 */
export async function findOrBuildBinaries(options: BinariesOptions): Promise<Binaries> {
  const { env, onProgress, signal, now = Date.now } = options;
  signal.throwIfAborted();
  const goModule = await readGoModule();
  const assets = env.KUBEBUILDER_ASSETS
    ? await readAssets({ directory: env.KUBEBUILDER_ASSETS, goModule, env })
    : undefined;
  const directory = cacheFolder(goModule, options);
  const found = { ...(await cachedIn(directory)), ...assets };
  const missing = programs.filter(({ key }) => found[key] === undefined);
  if (missing.length > 0) {
    const go = await findInPath('go', env.PATH);
    if (go === undefined) throw noGo(missing, { assets, directory, goModule });
    await buildBinaries({ programs: missing, directory, goModule, go, env, onProgress, signal, now });
  }
  return { ...(await cachedIn(directory)), ...found } as Binaries;
}

function cacheFolder({ kubernetesVersion, etcdVersion }: GoModule, { env, cacheDirectory }: BinariesOptions): string {
  const cache = cacheDirectory ?? (env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'));
  const versions = `kubernetes-${kubernetesVersion}-etcd-${etcdVersion}`;
  return join(cache, 'sync-sidecar', `${versions}-${platform()}-${goArch()}`);
}

async function cachedIn(directory: string): Promise<Partial<Binaries>> {
  const entries = programs.map(({ key, fileName }) => [key, join(directory, fileName)] as const);
  const present = await Promise.all(entries.map(([, path]) => isExecutable(path)));
  return Object.fromEntries(entries.filter((_, index) => present[index]));
}

/** Go's, and so Kubernetes', name of this machine's architecture. */
function goArch(): string {
  return arch() === 'x64' ? 'amd64' : arch();
}

interface Searched {
  assets: Partial<Binaries> | undefined;
  directory: string;
  goModule: GoModule;
}

function noGo(missing: readonly Program[], { assets, directory, goModule }: Searched): BinariesError {
  const { goVersion, kubernetesVersion } = goModule;
  const names = missing.map(({ fileName }) => fileName).join(', ');
  const inAssets = assets ? 'in KUBEBUILDER_ASSETS' : 'in KUBEBUILDER_ASSETS (not set)';
  const download = `https://dl.k8s.io/release/v${kubernetesVersion}/bin/${platform()}/${goArch()}`;
  return new BinariesError(
    [
      `This runs a real Kubernetes ${kubernetesVersion} control plane, but there is no ${names}:`,
      `neither ${inAssets} nor in the cache ${directory}, and there is no Go to build it. Either`,
      `  - install Go ${goVersion} or newer (https://go.dev/dl/): the first run builds for some minutes, later ones don't; or`,
      `  - set KUBEBUILDER_ASSETS to the folder that \`setup-envtest use ${minorVersion(kubernetesVersion)} -p path\` prints`,
      `    (https://book.kubebuilder.io/reference/envtest), and put into it the kube-controller-manager that it lacks:`,
      `    ${download}/kube-controller-manager`,
    ].join('\n'),
  );
}
