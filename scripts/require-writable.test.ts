import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { scratchFolder } from '../test/scratch-folder.ts';
import { requireWritable } from './require-writable.ts';

/** On every Linux; for a test that runs as root. */
const nobody = 65_534;

let scratch: ReturnType<typeof scratchFolder>;
let folder: string;

beforeEach(() => {
  scratch = scratchFolder();
  chmodSync(scratch.path, 0o755);
  folder = join(scratch.path, 'dist');
});
afterEach(() => scratch[Symbol.dispose]());

/** What an ordinary user is told; the rights of root know no permissions. */
function refusal(): string {
  const module = JSON.stringify(join(import.meta.dirname, 'require-writable.ts'));
  const script = `(await import(${module})).requireWritable(${JSON.stringify(folder)}).catch((error) => console.log(error.message))`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    ...(process.getuid?.() === 0 && { uid: nobody, gid: nobody }),
  });
  return stdout;
}

describe('a folder that is to be written', () => {
  it('may be missing, or ours', async () => {
    await requireWritable(folder);
    mkdirSync(folder);
    await requireWritable(folder);
  });

  it("is named with its owner and with what to type when it can't be", () => {
    mkdirSync(folder, { mode: 0o555 });
    const { uid } = statSync(folder);

    expect(refusal()).toBe(
      `${folder} can't be written: it belongs to user ${uid}${uid === 0 ? ' (root)' : ''}, mostly since a run as that user. To make it yours:\n` +
        `  sudo chown -R "$(id -u):$(id -g)" ${folder}\n`,
    );
  });
});
