import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {
  api,
  at,
  folder,
  logged,
  messages,
  put,
  start,
  startSynced,
  tree,
  until,
  untilTree,
  useRunningSyncs,
} from '../../test/running-syncs.ts';

import { parseRecord, type RecordState } from '../files/ownership-record.ts';
import { PathOwners } from '../files/path-owners.ts';
import { startNotificationReceiver } from '../../test/product/notification-receiver.ts';

// A machine that is busy takes longer than Jest's 5 s for what takes a tenth of a second.
jest.setTimeout(30_000);

useRunningSyncs();

/** Hidden files that are there in a folder, as a tree has them. */
function hiddenIn(path: string): Record<string, string> {
  const names = readdirSync(at(path)).filter((name) => name.startsWith('.'));
  return Object.fromEntries(names.map((name) => [join(path, name), readFileSync(at(join(path, name)), 'latin1')]));
}

describe('SyncRunner, RESCAN_INTERVAL', () => {
  it.each(['WATCH', 'SLEEP'])('mends what somebody changed, removed or blocked, with METHOD=%s', async (METHOD) => {
    put('a', { k: '1', l: '1' });
    mkdirSync(at('blocked'), { recursive: true });
    put('b', { blocked: '1' });
    const { runner } = await startSynced({ METHOD, RESCAN_INTERVAL: '10ms' });

    writeFileSync(at('k'), 'somebody else wrote this');
    rmSync(at('l'));
    rmdirSync(at('blocked'));

    await untilTree({ blocked: '1', k: '1', l: '1' });
    await until(() => runner.status().faults.length === 0);
  });

  it('never looks with 0', async () => {
    put('a', { k: '1' });
    const { stop } = await startSynced({ RESCAN_INTERVAL: '0' });
    rmSync(at('k'));
    await stop();
    expect(tree()).toEqual({});
  });
});

describe('SyncRunner, EXISTING_FILES=keep', () => {
  it('is synced without the path of a file that stays, reports it, and takes it once the file is gone', async () => {
    mkdirSync(folder);
    writeFileSync(at('k'), 'not yours');
    put('a', { k: '1', l: '1' });
    const { runner } = await startSynced({ EXISTING_FILES: 'keep', RESCAN_INTERVAL: '10ms' });
    expect([tree(), runner.status().faults]).toEqual([
      { k: 'not yours', l: '1' },
      [expect.stringContaining('with other content than configmap/x/a has for it')],
    ]);
    rmSync(at('k'));
    await untilTree({ k: '1', l: '1' });
    await until(() => runner.status().faults.length === 0);
  });
});

/** What kiwigrid/k8s-sidecar has left on a volume: files, no record, and orphans of objects deleted while it was away. */
function fillAsKiwigrid(files: Record<string, string>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), content, { mode: 0o644 });
  }
}

describe('a volume that kiwigrid/k8s-sidecar has filled', () => {
  it('keeps what is right as it is, gets the rest right, and keeps the orphans', async () => {
    fillAsKiwigrid({ k: '1', l: 'old', orphan: '1', 'sub/orphan': '1' });
    const { ino } = statSync(at('k'));
    put('a', { k: '1', l: 'new' });
    await startSynced();
    expect([tree(), statSync(at('k')).ino]).toEqual([{ k: '1', l: 'new', orphan: '1', 'sub/orphan': '1' }, ino]);
    api.delete('configmaps', { namespace: 'x', name: 'a' });
    await untilTree({ orphan: '1', 'sub/orphan': '1' });
  });

  it('loses its orphans, links and empty folders with ADOPT_FOLDER=once, and nothing else', async () => {
    fillAsKiwigrid({ k: '1', orphan: '1', 'sub/deep/orphan': '1', 'sub/k': '1', 'lost+found/theirs': '1' });
    mkdirSync(at('empty'));
    const outside = join(dirname(folder), 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'theirs'), '');
    symlinkSync(outside, at('link'));
    const { ino } = statSync(at('k'));
    put('a', { k: '1' });
    put('b', { 'k.sub': '1' });
    await startSynced({ ADOPT_FOLDER: 'once' });
    await until(() => !existsSync(at('orphan')) && !existsSync(at('empty')));
    expect([tree(), statSync(at('k')).ino, readdirSync(outside)]).toEqual([
      { k: '1', 'k.sub': '1', 'lost+found/theirs': '1' },
      ino,
      ['theirs'],
    ]);
    expect(
      readdirSync(folder)
        .filter((name) => !name.startsWith('.'))
        .sort(),
    ).toEqual(['k', 'k.sub', 'lost+found']);
    const about = messages().filter((message) => /ADOPT|Removing/.test(String(message)));
    expect(about).toEqual([
      'ADOPT_FOLDER=once: removing every file that no object claims',
      ...['link', 'orphan', 'sub/k', 'sub/deep/orphan'].map((path) => `Removing ${at(path)}`),
    ]);
  });
});

describe('SyncRunner, ADOPT_FOLDER=once', () => {
  const ofOther = ['sync', 'other'];

  it('removes after a change of LABEL what the old one left behind, once', async () => {
    put('a', { k: '1', l: '1' });
    await (await startSynced()).stop();
    put('b', { l: '1' }, 'other');
    const { stop } = await startSynced({ LABEL: 'other', ADOPT_FOLDER: 'once' });
    await untilTree({ l: '1' });
    await until(() => !existsSync(at('k')));
    await stop();
    writeFileSync(at('later'), '');
    await startSynced({ LABEL: 'other', ADOPT_FOLDER: 'once' });
    put('c', { m: '1' }, 'other');
    await untilTree({ l: '1', later: '', m: '1' });
  });

  it('does it with METHOD=LIST too, before it notifies', async () => {
    fillAsKiwigrid({ orphan: '1' });
    put('a', { k: '1' });
    await start({ METHOD: 'LIST', ADOPT_FOLDER: 'once' }).ended;
    expect(tree()).toEqual({ k: '1' });
  });

  it('leaves alone what living syncs have, of this process and of others, in FOLDER and below', async () => {
    const pathOwners = new PathOwners();
    for (const [n, label] of ofOther.entries()) put(`o${n}`, { [`of${n}`]: '1' }, label);
    put('nested', { deep: '1' }, 'nested');
    put('mine', { mine: '1' }, 'mine');
    await startSynced({ LABEL: 'sync' });
    await startSynced({ LABEL: 'nested', FOLDER: at('sub') });
    await startSynced({ LABEL: 'other' }, { pathOwners });
    fillAsKiwigrid({ orphan: '1', 'sub/orphan': '1' });
    await startSynced({ LABEL: 'mine', ADOPT_FOLDER: 'once' }, { pathOwners });
    await until(() => !existsSync(at('orphan')) && !existsSync(at('sub/orphan')));
    expect(tree()).toEqual({ mine: '1', of0: '1', of1: '1', 'sub/deep': '1', ...hiddenIn('sub') });
  });

  it('leaves alone what a living sync below FOLDER has by an absolute folder', async () => {
    const absolute = { metadata: { name: 'a', namespace: 'x', labels: { nested: '' } }, data: { k: '1' } };
    const annotations = { 'k8s-sidecar-target-directory': at('beside') };
    void api.put('configmaps', { ...absolute, metadata: { ...absolute.metadata, annotations } });
    fillAsKiwigrid({ orphan: '1', 'beside/orphan': '1' });
    await startSynced({ LABEL: 'nested', FOLDER: at('sub') });
    await startSynced({ LABEL: 'mine', ADOPT_FOLDER: 'once' });
    await until(() => !existsSync(at('orphan')) && !existsSync(at('beside/orphan')));
    expect(tree()).toEqual({ 'beside/k': '1', ...hiddenIn('sub') });
  });

  it('waits until it is known what all syncs of the process claim', async () => {
    fillAsKiwigrid({ orphan: '1' });
    let isComplete = false;
    await startSynced({ ADOPT_FOLDER: 'once' }, { isProcessComplete: () => isComplete });
    put('a', { k: '1' });
    await untilTree({ k: '1', orphan: '1' });
    expect(messages()).not.toContain('ADOPT_FOLDER=once: removing every file that no object claims');
    isComplete = true;
    await untilTree({ k: '1' });
  });

  it('goes on at the next start where it was interrupted', async () => {
    fillAsKiwigrid({ orphan: '1' });
    const { stop } = await startSynced({ ADOPT_FOLDER: 'once' }, { isProcessComplete: () => false });
    await stop();
    expect(tree()).toEqual({ orphan: '1' });
    await startSynced({ ADOPT_FOLDER: 'once' });
    await untilTree({});
  });

  it('tells the application of it', async () => {
    const receiver = await startNotificationReceiver();
    await (await startSynced({ REQ_URL: receiver.url })).stop();
    fillAsKiwigrid({ orphan: '1' });
    await startSynced({ REQ_URL: receiver.url, ADOPT_FOLDER: 'once' });
    await untilTree({});
    await until(() => receiver.notifications.length === 1);
    await receiver.close();
  });
});

describe('SyncRunner, ADOPT_FOLDER=once and notifications', () => {
  let receiver: Awaited<ReturnType<typeof startNotificationReceiver>>;

  beforeEach(async () => void (receiver = await startNotificationReceiver()));

  afterEach(() => receiver.close());

  const onRecord = (): RecordState => parseRecord(Object.values(hiddenIn('.'))[0] ?? '');

  it('has something to tell on record until all of it is removed, also when something else was told meanwhile', async () => {
    put('a', { k: '1' });
    await (await startSynced()).stop();
    fillAsKiwigrid(Object.fromEntries(Array.from({ length: 1500 }, (_, n) => [`orphan${n}`, ''])));
    put('b', { l: '1' });
    const seen: { told: number; pending: boolean }[] = [];
    let calls = 0;
    const isClaimed = (file: string): boolean => {
      if (++calls % 100 === 0) seen.push({ told: receiver.notifications.length, pending: onRecord().pending });
      return file === at('k') || file === at('l');
    };
    const pathOwners = Object.assign(new PathOwners(), { isClaimed });
    await startSynced({ REQ_URL: receiver.url, ADOPT_FOLDER: 'once' }, { pathOwners });
    await until(() => onRecord().adopted);
    expect([tree(), seen.at(-1)?.told, seen.filter(({ pending }) => !pending)]).toEqual([{ k: '1', l: '1' }, 1, []]);
    await until(() => receiver.notifications.length === 2 && !onRecord().pending);
  });

  it('has nothing on record in the end when nothing was removed', async () => {
    fillAsKiwigrid({ orphan: '1' });
    let looks = 0;
    // An object claims it in the end.
    const isClaimed = (file: string): boolean => file !== at('orphan') || ++looks > 1;
    const pathOwners = Object.assign(new PathOwners(), { isClaimed });
    await startSynced({ REQ_URL: receiver.url, ADOPT_FOLDER: 'once' }, { pathOwners });
    await until(() => onRecord().adopted && !onRecord().pending);
    expect([tree(), receiver.notifications.length]).toEqual([{ orphan: '1' }, 0]);
  });
});

describe('SyncRunner, ALLOWED_FOLDERS', () => {
  it.each([
    ['leaves', 'an empty folder that it made and that is no longer allowed', { ALLOWED_FOLDERS: '/elsewhere' }],
    ['removes', 'one that still is', {}],
  ])('%s at the start %s', async (what, _, settings) => {
    put('a', { k: '1' });
    await (await startSynced()).stop();
    const elsewhere = join(dirname(folder), 'elsewhere');
    mkdirSync(elsewhere);
    const [record = ''] = Object.keys(hiddenIn('.'));
    appendFileSync(at(record), `# ${JSON.stringify({ folder: elsewhere })}\n`);
    await startSynced(settings);
    expect(existsSync(elsewhere)).toBe(what === 'leaves');
  });
});

describe('an init container with METHOD=LIST and a sidecar beside it on one FOLDER', () => {
  it('share what they write when they select the same, and change nothing', async () => {
    put('a', { k: '1' });
    await start({ METHOD: 'LIST' }).ended;
    const { ino } = statSync(at('k'));
    await startSynced();
    expect([tree(), statSync(at('k')).ino]).toEqual([{ k: '1' }, ino]);
    api.delete('configmaps', { namespace: 'x', name: 'a' });
    await untilTree({});
  });

  it('do not stand in the way of each other when they select something else', async () => {
    put('a', { k: 'of a', a: '1' });
    put('b', { k: 'of b', b: '1' }, 'other');
    await start({ METHOD: 'LIST' }).ended;
    const { runner } = await startSynced({ LABEL: 'other' });
    expect([tree(), runner.status().faults]).toEqual([{ a: '1', b: '1', k: 'of b' }, []]);
  });

  it('leaves to a living one what that one has, and ends well', async () => {
    put('a', { k: 'of a', a: '1' });
    put('b', { k: 'of b', b: '1' }, 'other');
    await startSynced({ LABEL: 'other' });
    await start({ METHOD: 'LIST' }).ended;
    expect(tree()).toEqual({ a: '1', b: '1', k: 'of b' });
    expect(logged.lines.filter(({ level }) => level === 'ERROR')).toEqual([
      expect.objectContaining({ path: at('k'), msg: 'a file is not in sync' }),
    ]);
  });
});

describe('two sidecars that select something else on one FOLDER', () => {
  it('leave each other their files, and the second takes a path over when the first has ended', async () => {
    put('a', { k: 'of a', a: '1' });
    put('b', { k: 'of b', b: '1' }, 'other');
    const first = await startSynced();
    const second = await startSynced({ LABEL: 'other' });
    expect([tree(), second.runner.status().faults]).toEqual([
      { a: '1', b: '1', k: 'of a' },
      [expect.stringContaining('which syncs configmaps with "sync" in namespace "x"')],
    ]);
    await first.stop();
    await untilTree({ a: '1', b: '1', k: 'of b' });
    await until(() => second.runner.status().faults.length === 0);
  });

  it('take it over when the object goes, also while the other one lists its own once more', async () => {
    put('a', { k: 'of a' });
    put('b', { k: 'of b' }, 'other');
    await startSynced();
    await startSynced({ LABEL: 'other', METHOD: 'SLEEP', SLEEP_TIME: '10ms' });
    api.delete('configmaps', { namespace: 'x', name: 'a' });
    await untilTree({ k: 'of b' });
  });
});

describe('two replicas with one FOLDER on one volume', () => {
  it('have the same files, and one of them may go', async () => {
    put('a', { k: '1' });
    const first = await startSynced();
    const { ino } = statSync(at('k'));
    await startSynced();
    expect(statSync(at('k')).ino).toBe(ino);
    put('b', { l: '1' });
    await untilTree({ k: '1', l: '1' });
    await first.stop();
    put('a', { m: '1' });
    await untilTree({ l: '1', m: '1' });
    api.delete('configmaps', { namespace: 'x', name: 'b' });
    await untilTree({ m: '1' });
  });

  it('lose nothing of what belongs to them when both have gone', async () => {
    put('a', { k: '1' });
    const both = [await startSynced(), await startSynced()];
    put('b', { l: '1' });
    await untilTree({ k: '1', l: '1' });
    for (const { stop } of both) await stop();
    for (const name of ['a', 'b']) api.delete('configmaps', { namespace: 'x', name });
    await startSynced();
    await untilTree({});
  });
});
