import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTemporaryFolder } from '../../test/control-plane/temporary-folder.ts';

export interface UndisturbedResult {
  /** null: a signal ended it. */
  code: number | null;
  stderr: string;
}

/**
 * Runs a command to its end, whatever happens to us: in a session of its own, which Ctrl-C and who ends our process group don't reach, and
 * with its words in a file, because one that writes to a pipe ends when its reader does.
 */
export async function runUndisturbed(
  [command = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<UndisturbedResult> {
  const folder = await createTemporaryFolder('sync-sidecar-');
  try {
    const path = join(folder.path, 'stderr');
    const file = await open(path, 'w');
    const child = spawn(command, args, { env, detached: true, stdio: ['ignore', 'ignore', file.fd] });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    }).finally(() => file.close());
    return { code, stderr: await readFile(path, 'utf8') };
  } finally {
    await folder.remove();
  }
}
