import { readAssets } from './envtest-assets.ts';
import { findOrBuildGoPrograms, type BinariesOptions, type FailedSearch } from './go-programs.ts';
import { readKubernetesModule } from './kubernetes-module.ts';
import { noGoForNode, noGoNorAssets } from './no-go.ts';
import { programs, type Binaries, type GoProgram } from './programs.ts';

/**
 * Finds the programs of a control plane: in $KUBEBUILDER_ASSETS, then in the cache; what is in neither is built with Go into the
 * cache. Throws a PlainError when they can't be had, or the signal's reason.
 */
export async function findOrBuildBinaries(options: BinariesOptions): Promise<Binaries> {
  return findOrBuildKubernetes([], options);
}

/**
 * As findOrBuildBinaries, for `more` programs of Kubernetes too, which are not looked for in $KUBEBUILDER_ASSETS. All that is
 * missing is built together: most packages are the same, and so compiled once.
 */
export async function findOrBuildKubernetes<Key extends string>(
  more: readonly GoProgram<Key>[],
  options: BinariesOptions,
): Promise<Binaries & Record<Key, string>> {
  const { env, signal } = options;
  signal.throwIfAborted();
  const goModule = await readKubernetesModule();
  const assets = env.KUBEBUILDER_ASSETS;
  const found = assets ? await readAssets({ directory: assets, goModule, env }) : {};
  const explain = (search: FailedSearch) =>
    search.missing.every(isOfControlPlane) ? noGoNorAssets(search, assets) : noGoForNode(search);
  const wanted: readonly GoProgram<keyof Binaries | Key>[] = [...programs, ...more];
  return findOrBuildGoPrograms({ programs: wanted, goModule, found, noGo: explain }, options);
}

function isOfControlPlane({ key }: GoProgram): boolean {
  return programs.some((program) => program.key === key);
}
