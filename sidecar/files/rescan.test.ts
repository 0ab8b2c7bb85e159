import { beforeEach, describe, expect, it } from '@jest/globals';
import { chmodSync, mkdirSync, readdirSync, rmSync, rmdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import {
  apply,
  at,
  changes,
  folder,
  logged,
  object,
  record,
  recordOnDisk,
  repairFrom,
  start,
  sync,
  tree,
  useSyncOnDisk,
  volume,
} from '../../test/sync-on-disk.ts';
import { Rescan } from './rescan.ts';

useSyncOnDisk();

let rescan: Rescan;
let retries: number;

beforeEach(() => {
  retries = 0;
  rescan = new Rescan({ sync, volume, record, log: logged.log, folder, onRetry: () => retries++ });
});

const never = new AbortController().signal;
const look = (): Promise<void> => rescan.once(never);
const warnings = (): unknown[] => logged.lines.filter(({ level }) => level === 'WARNING').map(({ path }) => path);

describe('Rescan', () => {
  it.each([
    ['changed', () => writeFileSync(at('k'), 'somebody else wrote this')],
    ['changed to something as long', () => writeFileSync(at('k'), '2')],
    ['removed', () => rmSync(at('k'))],
    ['replaced by a link', () => (rmSync(at('k')), symlinkSync('/dev/null', at('k')))],
    ['given another mode', () => chmodSync(at('k'), 0o600)],
  ])('has a file written again, told of and logged that somebody has %s', async (_, change) => {
    const objects = [object('a', { k: '1', l: '1' }), object('b', { m: '1' })] as const;
    for (const one of objects) apply('ADDED', one);
    change();

    await look();
    expect([sync.settled, sync.faults]).toEqual([false, ['k: the content has to be fetched']]);
    expect(await repairFrom(...objects)).toBe(true);

    expect([tree(), sync.faults, warnings()]).toEqual([{ k: '1', l: '1', m: '1' }, [], [at('k')]]);
    expect(changes.slice(2)).toEqual([{ written: ['/app/k'], removed: [], objects: ['configmap/x/a'] }]);
    expect(volume.inspect('k')?.mode).toBe(0o644);
    await look();
    expect(sync.settled).toBe(true);
  });

  it('says it once, as long as the object can not be fetched', async () => {
    apply('ADDED', object('a', { k: '1' }));
    rmSync(at('k'));
    await look();
    await look();
    expect(warnings()).toEqual([at('k')]);
  });

  it('leaves a file alone that somebody changed to the same content, and remembers how it looks now', async () => {
    apply('ADDED', object('a', { k: '1' }));
    writeFileSync(at('k'), '1');
    utimesSync(at('k'), 1, 1);

    await look();

    expect([sync.settled, changes.length, warnings()]).toEqual([true, 1, []]);
    expect(recordOnDisk().owned.get('k')?.fingerprint?.mtimeMs).toBe(1000);
  });

  it('has a file removed that somebody changed and no object claims any more', async () => {
    apply('ADDED', object('a', { k: '1' }));
    rmSync(at('k'));
    await look();
    await repairFrom();
    expect([tree(), sync.faults, recordOnDisk().owned.size]).toEqual([{}, [], 0]);
  });

  it.each([true, false])('has everything written again when FOLDER itself is gone (notifies: %p)', async (notifies) => {
    start({ notifies });
    rescan = new Rescan({ sync, volume, record, log: logged.log, folder, onRetry: () => retries++ });
    const objects = [object('a', { k: '1' }), object('b', { l: '1' }, { folder: 'sub/deep' })] as const;
    for (const one of objects) apply('ADDED', one);
    // All of it was told, so that the record is written to before the files are.
    record.add({ pending: false });
    record.flush();
    rmSync(folder, { recursive: true });
    await look();
    expect(await repairFrom(...objects)).toBe(true);
    expect([tree(), sync.faults]).toEqual([{ k: '1', 'sub/deep/l': '1' }, []]);
    expect([...recordOnDisk().owned.keys()]).toEqual(['k', 'sub/deep/l']);
    apply('DELETED', objects[1]);
    expect(readdirSync(folder)).toEqual(['.sync-sidecar.abc', 'k']);
  });

  it("tries a path again once somebody else's folder is gone, and not before", async () => {
    const blocked = object('a', { k: '1' });
    mkdirSync(at('k'));
    apply('ADDED', blocked);
    await look();
    await look();
    expect(retries).toBe(0);
    rmdirSync(at('k'));
    await look();
    expect(retries).toBe(1);
    await repairFrom(blocked);
    expect([tree(), sync.faults]).toEqual([{ k: '1' }, []]);
  });

  it('tries a path again once the file that stood where its folder should be is another one', async () => {
    writeFileSync(at('sub'), 'a file');
    apply('ADDED', object('a', { k: '1' }, { folder: 'sub/deep' }));
    await look();
    writeFileSync(at('sub'), 'another file');
    await look();
    expect(retries).toBe(1);
  });

  it('looks at 10,000 files without keeping anybody else waiting for long', async () => {
    apply('ADDED', object('a', { k: '1' }));
    const [owned] = record.state.owned.values();
    for (let n = 0; n < 10_000; n++) if (owned) record.state.owned.set(`k${n}`, owned);
    let looks = 0;
    let most = 0;
    let turn = setImmediate(function count() {
      most = Math.max(most, looks);
      looks = 0;
      turn = setImmediate(count);
    });
    const one = { hash: () => null, obstacle: () => null, inspect: () => (looks++, volume.inspect('k')) };
    await new Rescan({ sync, volume: one, record, log: logged.log, folder, onRetry: () => retries++ }).once(never);
    clearImmediate(turn);
    expect([most, sync.settled]).toEqual([200, true]);
  });

  it('looks when the interval has passed, and ends with its signal', async () => {
    apply('ADDED', object('a', { k: '1' }));
    rmSync(at('k'));
    const controller = new AbortController();
    const running = rescan.run(1, controller.signal);
    while (sync.settled) await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await running;
    await rescan.run(0, never);
    expect(sync.settled).toBe(false);
  });
});
