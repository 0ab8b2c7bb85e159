import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

export interface TemporaryFolder {
  path: string;
  /** Removes the folder; resolves when it is gone. */
  remove(): Promise<void>;
}

/**
 * In every temporary folder; nobody else makes a file of this name. It is locked (flock) as long as the process lives that will
 * remove the folder. A system without `flock`, such as macOS, does without the file.
 */
export const markerName = '.sync-sidecar-run';

/** Makes a folder, readable by its owner alone, that goes when `remove` is called or this program ends, also when it is killed. */
export async function createTemporaryFolder(prefix: string, parent = tmpdir()): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(parent, prefix));
  const child = spawn('/bin/sh', ['-c', removeAtEndOfInput, markerName, path], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  await once(child, 'spawn');
  const exited = once(child, 'exit');
  await untilHeld(child.stdout).catch(async (error: unknown) => {
    await rm(path, { recursive: true, force: true });
    throw error;
  });
  // Neither end keeps this program running: who forgets to remove the folder ends all the same, and it goes then.
  child.unref();
  const leash = child.stdin as Writable & { unref(): void };
  leash.unref();
  return {
    path,
    remove: async () => {
      leash.destroy();
      child.ref();
      await exited;
    },
  };
}

/** The first line says that the folder is held; the output ends without one if the process could not. */
async function untilHeld(output: Readable): Promise<void> {
  for await (const _line of output) return;
  throw new Error('a temporary folder could not be marked as in use: the process that is to remove it has ended');
}

/**
 * The marker is locked before it has its name: who finds one that is not locked knows that the folder is left over.
 * Removing repeats, because programs that are being killed at this moment may still write into the folder; 10 s are more than that
 * takes.
 */
const removeAtEndOfInput = `
trap '' PIPE
if command -v flock >/dev/null; then
  exec 9>"$1/$0.new"
  flock -n 9 && mv "$1/$0.new" "$1/$0"
fi
echo held
cd /
read -r end
for attempt in $(seq 100); do
  rm -rf -- "$1" && [ ! -e "$1" ] && exit
  sleep 0.1
done
`;
