import { readFile } from 'node:fs/promises';
import { openCluster, type Cluster, type Connection } from '../control-plane/cluster.ts';

/** Names the file in which global-setup.ts leaves the Connection; Jest's workers inherit the environment. */
export const connectionVariable = 'SYNC_SIDECAR_TEST_CONNECTION';

/** Connects a test file to the one control plane of the Jest project "cluster". */
export async function connectCluster(): Promise<Cluster> {
  const file = process.env[connectionVariable];
  if (file === undefined) throw new Error('no control plane: run this by `jest --selectProjects cluster`');
  return openCluster(JSON.parse(await readFile(file, 'utf8')) as Connection);
}
