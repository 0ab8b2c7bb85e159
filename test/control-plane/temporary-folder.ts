import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';

export interface TemporaryFolder {
  path: string;
  /** Removes the folder; resolves when it is gone. */
  remove(): Promise<void>;
}

/** Makes a folder, readable by its owner alone, that goes when `remove` is called or this program ends, also when it is killed. */
export async function createTemporaryFolder(prefix: string, parent = tmpdir()): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(parent, prefix));
  const child = spawn('/bin/sh', ['-c', removeAtEndOfInput, 'remove-folder', path], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await once(child, 'spawn');
  const exited = once(child, 'exit');
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

/** Repeats, because programs that are being killed at this moment may still write into the folder; 10 s are more than that takes. */
const removeAtEndOfInput = `
cd /
read -r end
for attempt in $(seq 100); do
  rm -rf -- "$1" && [ ! -e "$1" ] && exit
  sleep 0.1
done
`;
