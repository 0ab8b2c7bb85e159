import { platform } from 'node:os';
import { readAssets } from './envtest-assets.ts';
import { minorVersion, type GoModule } from './go-module.ts';
import { findOrBuildGoPrograms, goArch, type BinariesOptions } from './go-programs.ts';
import { readKubernetesModule } from './kubernetes-module.ts';
import { BinariesError, programs, type Binaries, type GoProgram } from './programs.ts';

/**
 * Finds the programs of a control plane: in $KUBEBUILDER_ASSETS, then in the cache; what is in neither is built with Go into the
 * cache. Throws a BinariesError when they can't be had, or the signal's reason.
 */
export async function findOrBuildBinaries(options: BinariesOptions): Promise<Binaries> {
  const { env, signal } = options;
  signal.throwIfAborted();
  const goModule = await readKubernetesModule();
  const directory = env.KUBEBUILDER_ASSETS;
  const found = directory ? await readAssets({ directory, goModule, env }) : {};
  const noGo = (missing: readonly GoProgram[], cache: string) =>
    noControlPlane(missing, { hasAssets: Boolean(directory), cache, goModule });
  return findOrBuildGoPrograms({ programs, goModule, found, noGo }, options);
}

interface Searched {
  hasAssets: boolean;
  cache: string;
  goModule: GoModule;
}

function noControlPlane(missing: readonly GoProgram[], { hasAssets, cache, goModule }: Searched): BinariesError {
  const { goVersion, version } = goModule;
  const names = missing.map(({ fileName }) => fileName).join(', ');
  const inAssets = hasAssets ? 'in KUBEBUILDER_ASSETS' : 'in KUBEBUILDER_ASSETS (not set)';
  const download = `https://dl.k8s.io/release/v${version}/bin/${platform()}/${goArch()}`;
  return new BinariesError(
    [
      `This runs a real Kubernetes ${version} control plane, but there is no ${names}:`,
      `neither ${inAssets} nor in the cache ${cache}, and there is no Go to build it. Either`,
      `  - install Go ${goVersion} or newer (https://go.dev/dl/): the first run builds for some minutes, later ones don't; or`,
      `  - set KUBEBUILDER_ASSETS to the folder that \`setup-envtest use ${minorVersion(version)} -p path\` prints`,
      `    (https://book.kubebuilder.io/reference/envtest), and put into it the kube-controller-manager that it lacks:`,
      `    ${download}/kube-controller-manager`,
    ].join('\n'),
  );
}
