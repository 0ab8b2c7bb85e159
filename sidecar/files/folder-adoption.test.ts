import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asOrdinaryUser } from '../../test/ordinary-user.ts';
import { readTree } from '../../test/product/folder-tree.ts';
import { recordingLog } from '../../test/recording-log.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { adoptFolder } from './folder-adoption.ts';
import { OwnershipRecord } from './ownership-record.ts';
import { Volume } from './volume.ts';

// Needs root.
const canMount = spawnSync('unshare', ['--mount', 'true']).status === 0;

let scratch: ReturnType<typeof scratchFolder>;
let folder: string;
let logged: ReturnType<typeof recordingLog>;

beforeEach(() => {
  scratch = scratchFolder();
  folder = join(scratch.path, 'files');
  mkdirSync(folder);
  logged = recordingLog();
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

const nothing = (): void => undefined;

/** Adopts the folder as a sync would of which no object claims anything. */
async function adopt(): Promise<boolean> {
  const naming = { id: 'abc', host: '', random: () => 0 };
  const volume = Volume.open({ folder, stateFolder: folder, ...naming });
  const record = OwnershipRecord.open({ folder, mode: 0o644, ...naming });
  const own = { volume, record, log: logged.log, folder, appFolder: folder };
  const neighboursIn = () => ({ refresh: nothing, living: () => [] });
  const parts = { ...own, notifies: false, onChange: nothing, isClaimed: () => false, neighboursIn };
  return await adoptFolder(parts, new AbortController().signal);
}

describe('ADOPT_FOLDER=once', () => {
  it('leaves a folder that it may list but not search, says which, and does the rest', async () => {
    mkdirSync(join(folder, 'sub/deep'), { recursive: true });
    for (const path of ['orphan', 'sub/theirs', 'sub/deep/theirs']) writeFileSync(join(folder, path), '');
    using _user = asOrdinaryUser(scratch.path);
    chmodSync(join(folder, 'sub'), 0o400);
    expect(await adopt()).toBe(true);
    chmodSync(join(folder, 'sub'), 0o700);
    expect([readTree(folder), logged.lines.filter(({ level }) => level === 'WARNING')]).toEqual([
      { 'sub/theirs': '', 'sub/deep/theirs': '' },
      [expect.objectContaining({ path: join(folder, 'sub') })],
    ]);
  });

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
