import { access, constants, stat } from 'node:fs/promises';
import { shellWord } from '../test/control-plane/shell-word.ts';
import { hasErrorCode } from '../shared/system-error.ts';
import { PlainError } from './plain-error.ts';

/** Throws a PlainError that says what to type when a folder is there, but belongs to somebody who doesn't let us write: mostly root, after `sudo`. */
export async function requireWritable(folder: string): Promise<void> {
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    if (hasErrorCode(cause, 'ENOENT')) return;
    if (!hasErrorCode(cause, 'EACCES')) throw cause;
    const { uid } = await stat(folder);
    throw new PlainError(
      `${folder} can't be written: it belongs to user ${uid}${uid === 0 ? ' (root)' : ''}, mostly since a run as that user. To make it yours:\n` +
        `  sudo chown -R "$(id -u):$(id -g)" ${shellWord(folder)}`,
      { cause },
    );
  }
}
