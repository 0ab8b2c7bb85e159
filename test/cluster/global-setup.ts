import { writeFile } from 'node:fs/promises';
import { PlainError } from '../../scripts/plain-error.ts';
import { findOrBuildBinaries } from '../control-plane/binaries.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/control-plane.ts';
import { printProgress } from '../control-plane/progress.ts';
import { preparePackaging } from '../packaging/prepare-packaging.ts';
import { connectionVariable } from './cluster.ts';

/** Finds or builds Kubernetes and what tests of manifests use, and starts the control plane that all test files of the project share. */
export default async function globalSetup(): Promise<void> {
  const { onProgress, end } = printProgress(process.stderr, Date.now);
  const { signal } = new AbortController();
  try {
    const binaries = await findOrBuildBinaries({ env: process.env, onProgress, signal });
    await preparePackaging({ env: process.env, onProgress, signal });
    running = await startControlPlane({ binaries, onProgress, signal });
  } catch (error) {
    // Jest prints the stack where there is one; this message is for a person, and complete.
    if (error instanceof PlainError) error.stack = error.message;
    throw error;
  } finally {
    end();
  }
  const file = `${running.directory}/connection.json`;
  // Functions are left out by JSON: what remains is the Connection (and the CA, in a folder that only we can read).
  await writeFile(file, JSON.stringify(running), { mode: 0o600 });
  process.env[connectionVariable] = file;
}

/** Jest runs setup and teardown in one process, where this module exists once. */
let running: ControlPlane | undefined;

/** Stops what globalSetup has started; for global-teardown.ts. */
export async function stopControlPlane(): Promise<void> {
  await running?.stop();
}
