import { afterAll, beforeAll } from '@jest/globals';
import { createTemporaryFolder, type TemporaryFolder } from '../control-plane/temporary-folder.ts';
import { openHelm, type Helm, type HelmOptions } from './helm.ts';
import { findOrBuildHelm } from './packaging-programs.ts';

export let helm: Helm;

/** Gives every test of the file that calls it Helm, for the cluster that `connect` answers by then. The project's global-setup has built it. */
export function useHelm(connect: () => HelmOptions['cluster'] = () => undefined): void {
  let folder: TemporaryFolder;

  beforeAll(async () => {
    const { signal } = new AbortController();
    const program = await findOrBuildHelm({ env: process.env, onProgress: () => undefined, signal });
    folder = await createTemporaryFolder('sync-sidecar-helm-');
    const cluster = connect();
    helm = openHelm({ program, folder: folder.path, ...(cluster && { cluster }) });
  });
  afterAll(() => folder.remove());
}
