import { beforeEach, describe, expect, it } from '@jest/globals';
import { ApiStatusError } from '../../shared/kubernetes/api-status.ts';
import { recordingLog } from '../../test/recording-log.ts';
import { noMeter, type Meter } from '../health/meter.ts';
import { ScopeObserver } from './scope-observer.ts';

let time: number;
let log: ReturnType<typeof recordingLog>;
let metered: unknown[][];
let observed: ScopeObserver;

beforeEach(() => {
  time = 1000;
  log = recordingLog();
  metered = [];
  observed = new ScopeObserver({ scope: 'configmaps', log: log.log, meter, now: () => time });
});

const meter: Meter = {
  ...noMeter,
  relist: (...facts) => metered.push(['relist', ...facts]),
  reconnect: (...facts) => metered.push(['reconnect', ...facts]),
  apiFailure: (...facts) => metered.push(['apiFailure', ...facts]),
};

function forbidden(verb: string): ApiStatusError {
  return new ApiStatusError({ verb, resource: 'configmaps' }, { code: 403, reason: 'Forbidden', message: 'no' });
}

const messages = (): unknown[] => log.lines.map(({ msg }) => msg);

describe('ScopeObserver', () => {
  it('begins with the time of its beginning as the last contact', () => {
    expect(observed.status).toEqual({
      scope: 'configmaps',
      error: null,
      lastContact: 1000,
      lastSign: 1000,
      forbidden: null,
    });
  });

  it('logs an error once, until there is another or contact again', () => {
    for (let n = 0; n < 3; n++) observed.onError(new Error('refused'), 100);
    observed.onError(new Error('reset'), 100);
    expect(observed.status.error).toBe('reset');
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
    for (const report of [
      () => observed.onError(new Error('x'), 1),
      () => observed.onReconnect('ended'),
      () => observed.onRelist('expired'),
      () => observed.onListed(),
    ]) {
      time += 1000;
      report();
      expect(observed.status).toMatchObject({ lastSign: time, lastContact: 1000 });
    }
    // A watch may end without a byte in it, and yet it was accepted.
    observed.onWatchStarted();
    expect(observed.status).toMatchObject({ lastSign: time, lastContact: time });
  });

  it.each(['onListed', 'onWatchStarted'] as const)(
    'shows what is forbidden until %s shows that it no longer is',
    (over) => {
      observed.onError(forbidden('list'), 1);
      expect(observed.status).toMatchObject({
        error: 'cannot list configmaps: forbidden (403): no',
        forbidden: { verb: 'list', resource: 'configmaps' },
      });
      observed.onError(forbidden('watch'), 1);
      observed.onError(new Error('connection refused'), 1);
      expect(observed.status).toMatchObject({
        error: 'connection refused',
        forbidden: { verb: 'watch', resource: 'configmaps' },
      });
      observed[over]();
      expect(observed.status).toMatchObject({ error: null, forbidden: null });
    },
  );

  it('tells the meter of every failure, relist and reconnect', () => {
    observed.onError(forbidden('list'), 1);
    observed.onError(forbidden('list'), 1);
    observed.onRelist('expired');
    observed.onReconnect('timeout');
    expect(metered).toEqual([
      ['apiFailure', 'configmaps', 'forbidden'],
      ['apiFailure', 'configmaps', 'forbidden'],
      ['relist', 'configmaps', 'expired'],
      ['reconnect', 'configmaps', 'timeout'],
    ]);
  });
});
