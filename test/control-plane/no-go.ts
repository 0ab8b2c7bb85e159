import { platform } from 'node:os';
import { machineArchitecture } from '../../scripts/machine-architecture.ts';
import { PlainError } from '../../scripts/plain-error.ts';
import { minorVersion, type GoModule } from './go-module.ts';
import type { FailedSearch } from './go-programs.ts';
import type { GoProgram } from './programs.ts';

/** For programs that can only be built; `purpose` says what they do here. */
export function noGo({ missing, cache, goModule }: FailedSearch, purpose: string): PlainError {
  return new PlainError(
    [
      `${purpose}, but there is no ${namesOf(missing)} (${goModule.title} ${goModule.version})`,
      `in the cache ${cache}, and there is no Go to build it.`,
      `Please ${installGo(goModule)}.`,
    ].join('\n'),
  );
}

/** For those of a node. */
export function noGoForNode(search: FailedSearch): PlainError {
  return noGo(search, 'This runs a real Kubernetes node');
}

/** For programs of a control plane, which may also come from KUBEBUILDER_ASSETS. */
export function noGoNorAssets({ missing, cache, goModule }: FailedSearch, assets: string | undefined): PlainError {
  const { version } = goModule;
  const inAssets = assets ? 'in KUBEBUILDER_ASSETS' : 'in KUBEBUILDER_ASSETS (not set)';
  const download = `https://dl.k8s.io/release/v${version}/bin/${platform()}/${machineArchitecture()}`;
  return new PlainError(
    [
      `This runs a real Kubernetes ${version} control plane, but there is no ${namesOf(missing)}:`,
      `neither ${inAssets} nor in the cache ${cache}, and there is no Go to build it. Either`,
      `  - ${installGo(goModule)}; or`,
      `  - set KUBEBUILDER_ASSETS to the folder that \`setup-envtest use ${minorVersion(version)} -p path\` prints`,
      `    (https://book.kubebuilder.io/reference/envtest), and put into it the kube-controller-manager that it lacks:`,
      `    ${download}/kube-controller-manager`,
    ].join('\n'),
  );
}

function namesOf(programs: readonly GoProgram[]): string {
  return programs.map(({ fileName }) => fileName).join(', ');
}

function installGo({ goVersion }: GoModule): string {
  return `install Go ${goVersion} or newer (https://go.dev/dl/): the first run builds for some minutes, later ones don't`;
}
