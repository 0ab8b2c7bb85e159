import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchFolder } from '../../test/scratch-folder.ts';

// Needs root.
const canMount = spawnSync('unshare', ['--mount', 'true']).status === 0;

let scratch: ReturnType<typeof scratchFolder>;
let folder: string;

beforeEach(() => {
  scratch = scratchFolder();
  folder = join(scratch.path, 'files');
  mkdirSync(folder);
});

afterEach(() => scratch[Symbol.dispose]());

/** Adopts the folder that it is given, where no object claims anything. */
const adoptingProgram = `
  import { adoptFolder } from ${JSON.stringify(new URL('folder-adoption.ts', import.meta.url).href)};
  import { Volume } from ${JSON.stringify(new URL('volume.ts', import.meta.url).href)};
  const [folder] = process.argv.slice(1);
  const volume = Volume.open({ folder, stateFolder: folder, id: 'abc', host: '', random: () => 0 });
  const nothing = () => undefined;
  const log = { info: nothing, warn: console.error, error: console.error };
  const parts = { volume, record: { state: {}, add: nothing }, log, folder, appFolder: folder, notifies: false };
  const isDone = await adoptFolder({ ...parts, onChange: nothing, isClaimed: () => false }, new AbortController().signal);
  console.log(isDone);`;

describe('ADOPT_FOLDER=once', () => {
  (canMount ? it : it.skip)('enters no other volume below FOLDER, also none of the same file system', () => {
    for (const path of ['files/sub', 'files/other', 'other']) mkdirSync(join(scratch.path, path));
    for (const path of ['files/sub/orphan', 'other/theirs']) writeFileSync(join(scratch.path, path), '');
    const mount = 'mount --bind "$1/other" "$1/files/other"; shift; exec "$@"';
    const node = [process.execPath, '--input-type=module', '-e', adoptingProgram, folder];
    const { stdout, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', mount, 'sh', scratch.path, ...node], {
      encoding: 'utf8',
    });
    expect([stdout, stderr, readdirSync(join(scratch.path, 'other')), readdirSync(folder)]).toEqual([
      'true\n',
      '',
      ['theirs'],
      ['other'],
    ]);
  });
});
