import { describe, expect, it, jest } from '@jest/globals';
import { mkdirSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { at, folder, put, startSynced, tree, until, untilTree, useRunningSyncs } from '../test/running-syncs.ts';

// A machine that is busy takes longer than Jest's 5 s for what takes a tenth of a second.
jest.setTimeout(30_000);

useRunningSyncs();

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
