import { afterAll, afterEach, beforeAll, it } from '@jest/globals';
import type { Cluster } from '../control-plane/cluster.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../control-plane/temporary-folder.ts';
import { noPods } from '../product/pod-sidecar.ts';
import type { RunningSidecar } from '../product/sidecar-program.ts';
import { connectCluster } from './cluster.ts';

export let cluster: Cluster;
export let folder: TemporaryFolder;
/** What a test has started: ended after it. */
export const running: RunningSidecar[] = [];

/** Gives every test of the file that calls it the control plane and a folder, and ends its sidecars, by SIGTERM or at once. */
export function useCluster(end: 'stop' | 'kill' = 'stop'): void {
  beforeAll(async () => {
    cluster = await connectCluster();
    folder = await createTemporaryFolder('sync-sidecar-test-');
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((program) => program[end]()));
  });
  afterAll(async () => {
    await folder.remove();
  });
}

/** A test of a sidecar in the surroundings of a pod, where a process can have them. */
export const inPod = noPods ? it.skip : it;
/** For the name of what such tests are about. */
export const unlessInPod = noPods ? ` (skipped: ${noPods})` : '';
