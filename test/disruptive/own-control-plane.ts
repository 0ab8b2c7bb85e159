import { findOrBuildBinaries } from '../control-plane/binaries.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/control-plane.ts';

/** Starts a control plane that the tests of one file may disturb; they stop it. Jest's cluster project has built the binaries. */
export async function startOwnControlPlane(): Promise<ControlPlane> {
  const { signal } = new AbortController();
  const onProgress = (): void => undefined;
  const binaries = await findOrBuildBinaries({ env: process.env, onProgress, signal });
  return startControlPlane({ binaries, onProgress, signal });
}
