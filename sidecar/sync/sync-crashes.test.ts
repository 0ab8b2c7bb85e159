import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubernetesObject } from '../../shared/kubernetes/object.ts';
import { readVisibleTree } from '../../test/product/folder-tree.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { object, quietParts, takeList } from '../../test/sync-on-disk.ts';
import { adoptFolder } from '../files/folder-adoption.ts';
import { OwnershipRecord } from '../files/ownership-record.ts';
import { PathOwners } from '../files/path-owners.ts';
import { Sync } from './sync.ts';
import { Volume } from '../files/volume.ts';

let scratch: ReturnType<typeof scratchFolder>;
let folder: string;
let snapshots: string[];

beforeEach(() => {
  scratch = scratchFolder();
  folder = join(scratch.path, 'files');
  snapshots = [];
});

afterEach(() => scratch[Symbol.dispose]());

/** What a process works with; with `watched`, what is on disk is copied before and after each of its steps. */
function open(root: string, watched: boolean) {
  const naming = { id: 'abc', host: 'here', random: Math.random };
  const volume = Volume.open({ folder: root, stateFolder: root, ...naming });
  const record = OwnershipRecord.open({ folder: root, mode: 0o644, ...naming });
  const steps = watched ? { volume: snapshotting(volume), record: snapshotting(record) } : { volume, record };
  const common = { ...quietParts(root), ...steps };
  const claims = new PathOwners().of('sync', root, nothing);
  const sync = new Sync({ ...common, claims });
  const isClaimed = (file: string): boolean => sync.wants(file.slice(root.length + 1));
  const neighboursIn = () => ({ refresh: nothing, living: () => [] });
  const adopt = () => adoptFolder({ ...common, appFolder: root, isClaimed, neighboursIn }, never);
  return { sync, record, adopt };
}

const nothing = (): void => undefined;
const never = new AbortController().signal;

/** The same, but that what is on disk is kept before and after each call, as if the process had been killed there. */
function snapshotting<T extends object>(target: T): T {
  return new Proxy(target, {
    get: (_, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        snapshot();
        try {
          return Reflect.apply(value, target, args) as unknown;
        } finally {
          snapshot();
        }
      };
    },
  });
}

function snapshot(): void {
  const copy = join(scratch.path, `killed-${snapshots.length}`);
  cpSync(folder, copy, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  snapshots.push(copy);
}

/** Starts on every snapshot a process that sees the objects as they are in the end, and answers what it makes of each. */
async function restartAll(objects: readonly KubernetesObject[], adopts = false): Promise<Set<string>> {
  const outcomes = new Set<string>();
  for (const at of snapshots) {
    const { sync, record, adopt } = open(at, false);
    takeList(sync, objects);
    if (adopts) await adopt();
    record.flush();
    record.close();
    const names = readdirSync(at, { recursive: true, encoding: 'utf8' }).filter((name) => name !== '.sync-sidecar.abc');
    outcomes.add(JSON.stringify([readVisibleTree(at), names.sort()]));
    rmSync(at, { recursive: true });
  }
  return outcomes;
}

const before = [object('a', { k: 'old', l: '1', gone: '1' }), object('b', { m: '1' }, { folder: 'sub/deep' })];
const after = [object('a', { k: 'new', l: '1', fresh: '1' }), object('c', { m: '2' }, { folder: 'other' })];
const theirs = { theirs: 'not ours', 'sub/theirs': 'not ours' };

/** A volume as `before` says, with files of others on it, and one that will be adopted as it is. */
async function prepare(): Promise<void> {
  const { sync, record } = open(folder, false);
  takeList(sync, before);
  record.flush();
  record.close();
  for (const [path, content] of Object.entries({ ...theirs, fresh: '1' })) writeFileSync(join(folder, path), content);
}

describe('a process that is killed between any two steps', () => {
  it('leaves a volume on which the next one brings everything to what it should be', async () => {
    await prepare();
    const { sync, record } = open(folder, true);
    takeList(sync, after);
    record.close();

    expect(snapshots.length).toBeGreaterThan(50);
    const tree = { fresh: '1', k: 'new', l: '1', 'other/m': '2', 'sub/theirs': 'not ours', theirs: 'not ours' };
    const names = ['fresh', 'k', 'l', 'other', 'other/m', 'sub', 'sub/theirs', 'theirs'];
    expect(await restartAll(after)).toEqual(new Set([JSON.stringify([tree, names])]));
  });

  it('leaves nothing of its own on a volume that the next one empties', async () => {
    await prepare();
    const { sync, record } = open(folder, true);
    takeList(sync, after);
    record.close();
    // A file that was adopted is ours only once the record says so: before that it is theirs.
    for (const at of snapshots) if (!ownedIn(at).has('fresh')) rmSync(join(at, 'fresh'));

    const names = ['sub', 'sub/theirs', 'theirs'];
    expect(await restartAll([])).toEqual(
      new Set([JSON.stringify([{ 'sub/theirs': 'not ours', theirs: 'not ours' }, names])]),
    );
  });

  it('goes on with ADOPT_FOLDER=once where it was', async () => {
    await prepare();
    mkdirSync(join(folder, 'empty/deep'), { recursive: true });
    symlinkSync('/dev/null', join(folder, 'link'));
    const { sync, record, adopt } = open(folder, true);
    takeList(sync, after);
    for (const early of snapshots.splice(0)) rmSync(early, { recursive: true });
    expect(await adopt()).toBe(true);
    record.close();

    expect(snapshots.length).toBeGreaterThan(10);
    const tree = { fresh: '1', k: 'new', l: '1', 'other/m': '2' };
    const names = ['fresh', 'k', 'l', 'other', 'other/m'];
    expect(await restartAll(after, true)).toEqual(new Set([JSON.stringify([tree, names])]));
  });
});

const ownedIn = (at: string): ReadonlyMap<string, unknown> =>
  OwnershipRecord.open({ folder: at, id: 'abc', host: '', random: Math.random, mode: 0o644 }).state.owned;
