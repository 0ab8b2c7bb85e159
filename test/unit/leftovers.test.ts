import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCommandLines } from '../command-lines.ts';
import { createTemporaryFolder, markerName, type TemporaryFolder } from '../control-plane/temporary-folder.ts';
import { eventually } from '../eventually.ts';
import { removeStaleFolders } from '../node/leftovers.ts';
import { scratchFolder } from '../scratch-folder.ts';

const notLinux = process.platform === 'linux' ? undefined : 'flock and /proc are of Linux';
const uid = process.getuid?.();

let scratch: ReturnType<typeof scratchFolder>;
let parent: string;
let folder: TemporaryFolder | undefined;

beforeEach(() => {
  scratch = scratchFolder();
  // As a path may be: the programs of a run are started with it.
  parent = join(scratch.path, "it's a folder");
  mkdirSync(parent);
});

afterEach(async () => {
  await folder?.remove();
  folder = undefined;
  scratch[Symbol.dispose]();
});

(notLinux ? describe.skip : describe)(`what killed runs leave${notLinux ? ` (${notLinux})` : ''}`, () => {
  it('goes when the process is dead that should have removed it', async () => {
    const { path } = (folder = await createTemporaryFolder('sync-sidecar-', parent));
    writeFileSync(join(path, 'file'), '');
    const remover = [...(await readCommandLines())].find(([, command]) => command.endsWith(path));
    process.kill(remover?.[0] ?? NaN, 'SIGKILL');

    // The kernel frees the lock when it has ended the process.
    const removed = await eventually(async () => noneAsUndefined(await removeStaleFolders({ uid, parent })), {
      timeoutMs: 5_000,
    });

    expect({ removed, left: readdirSync(parent) }).toEqual({ removed: [path], left: [] });
  });

  it('stays while it is used', async () => {
    const { path } = (folder = await createTemporaryFolder('sync-sidecar-', parent));

    expect(await removeStaleFolders({ uid, parent })).toEqual([]);
    expect(readdirSync(path)).toEqual([markerName]);
  });

  it('stays if it is of another user', async () => {
    leaveFolder('sync-sidecar-node-AbC123');

    expect(await removeStaleFolders({ uid: (uid ?? 0) + 1, parent })).toEqual([]);
    expect(readdirSync(parent)).toEqual(['sync-sidecar-node-AbC123']);
  });

  it('is removed once by two who clean at the same time', async () => {
    const names = Array.from({ length: 20 }, (_, n) => `sync-sidecar-${100_000 + n}`);
    const paths = names.map(leaveFolder);

    const clean = () => removeStaleFolders({ uid, parent });
    const removed = (await Promise.all([clean(), clean()])).flat();

    expect({ removed: removed.sort(), left: readdirSync(parent) }).toEqual({ removed: paths, left: [] });
  });
});

describe('what only looks as if a killed run had left it', () => {
  it('stays: a clone, a file, a link, a folder of another program', async () => {
    mkdirSync(join(parent, 'sync-sidecar-master/.git'), { recursive: true });
    writeFileSync(join(parent, 'sync-sidecar-AbC123'), '');
    const linked = leaveFolder('linked');
    symlinkSync(linked, join(parent, 'sync-sidecar-DeF456'));
    const before = readdirSync(scratch.path, { recursive: true });

    expect(await removeStaleFolders({ uid, parent })).toEqual([]);
    expect(readdirSync(scratch.path, { recursive: true })).toEqual(before);
  });
});

/** What is there when all processes of a run have been killed. */
function leaveFolder(name: string): string {
  const path = join(parent, name);
  mkdirSync(path);
  writeFileSync(join(path, markerName), '');
  return path;
}

function noneAsUndefined(paths: string[]): string[] | undefined {
  return paths.length === 0 ? undefined : paths;
}
