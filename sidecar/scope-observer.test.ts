import { beforeEach, describe, expect, it } from '@jest/globals';
import { ApiStatusError } from '../shared/kubernetes/api-status.ts';
import { recordingLog } from '../test/recording-log.ts';
import { ScopeObserver } from './scope-observer.ts';

let time: number;
let listed: number;
let log: ReturnType<typeof recordingLog>;

beforeEach(() => {
  time = 1000;
  listed = 0;
  log = recordingLog();
});

function observer({ readyPartial = false } = {}): ScopeObserver {
  return new ScopeObserver({
    scope: 'configmaps',
    readyPartial,
    log: log.log,
    now: () => time,
    onListed: () => listed++,
  });
}

const forbidden = new ApiStatusError(
  { verb: 'list', resource: 'configmaps' },
  { code: 403, reason: 'Forbidden', message: 'no' },
);
const messages = (): unknown[] => log.lines.map(({ msg }) => msg);

describe('ScopeObserver', () => {
  it('is listed once a whole list has been handed over', () => {
    const observed = observer();
    expect(observed.status).toEqual({
      scope: 'configmaps',
      listed: false,
      error: null,
      lastContact: 1000,
      lastSign: 1000,
    });
    time = 2000;
    observed.onContact();
    time = 3000;
    observed.onListed();
    expect(observed.status).toEqual({
      scope: 'configmaps',
      listed: true,
      error: null,
      lastContact: 2000,
      lastSign: 3000,
    });
    expect(listed).toBe(1);
  });

  it('logs an error once, until there is another or contact again', () => {
    const observed = observer();
    for (let n = 0; n < 3; n++) observed.onError(new Error('refused'), 100);
    observed.onError(new Error('reset'), 100);
    expect(observed.status).toMatchObject({ error: 'reset', listed: false });
    observed.onWatchStarted();
    observed.onWatchStarted();
    expect(observed.status.error).toBeNull();
    observed.onError(new Error('reset'), 100);
    expect(messages()).toEqual([
      'API server: trying again',
      'API server: trying again',
      'API server: in contact again',
      'API server: trying again',
    ]);
  });

  it('counts every report as a sign of life, but only what the API server said as contact', () => {
    const observed = observer();
    for (const report of [
      () => observed.onError(new Error('x'), 1),
      () => observed.onReconnect('ended'),
      () => observed.onRelist('expired'),
    ]) {
      time += 1000;
      report();
      expect(observed.status).toMatchObject({ lastSign: time, lastContact: 1000 });
    }
    // A watch may end without a byte in it, and yet it was accepted.
    observed.onWatchStarted();
    expect(observed.status).toMatchObject({ lastSign: time, lastContact: time });
  });

  it('counts a scope that is refused as listed only where READY_PARTIAL says so', () => {
    const strict = observer();
    strict.onError(forbidden, 1);
    expect([strict.status.listed, listed]).toEqual([false, 0]);
    const partial = observer({ readyPartial: true });
    partial.onError(new Error('connection refused'), 1);
    expect([partial.status.listed, listed]).toEqual([false, 0]);
    for (let n = 0; n < 2; n++) partial.onError(forbidden, 1);
    expect([partial.status.listed, listed]).toEqual([true, 1]);
    expect(partial.status.error).toBe('cannot list configmaps: forbidden (403): no');
  });
});
