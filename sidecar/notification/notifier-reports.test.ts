import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { recordingLog } from '../../test/recording-log.ts';
import { noMeter } from '../health/meter.ts';
import type { Channel } from './channel.ts';
import { Notifier } from './notifier.ts';

const retries = { total: 1, connect: 1, read: 1, backoffFactor: 1, retryServerErrors: true };
const pace = { perEvent: false, quiet: 500, maxWait: 5000, retries, slowRetry: 60_000, shutdown: 0 };

let logged: ReturnType<typeof recordingLog>;
let stop: AbortController;
let running: Promise<boolean>;
let notifier: Notifier;
/** Why a channel refuses what it is told; null when it takes it. */
let refusals: Record<Channel['name'], string | null>;

beforeEach(() => {
  jest.useFakeTimers({ now: 0 });
  logged = recordingLog();
  stop = new AbortController();
  refusals = { SCRIPT: null, REQ_URL: null };
  notifier = create();
  running = notifier.run(stop.signal);
});

afterEach(async () => {
  stop.abort();
  await pass(1000);
  await running;
  jest.useRealTimers();
});

function create(): Notifier {
  return new Notifier({
    name: 'dashboards',
    channels: [channel('SCRIPT'), channel('REQ_URL')],
    pace,
    log: logged.log,
    meter: noMeter,
    now: Date.now,
    onSettled: () => undefined,
  });
}

function channel(name: Channel['name']): Channel {
  const deliver = (): Promise<void> => {
    const refusal = refusals[name];
    return refusal === null ? Promise.resolve() : Promise.reject(new Error(refusal));
  };
  return { name, target: 'target', deliver };
}

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

/** What was logged of REQ_URL since the last look. */
function newLines(): unknown[] {
  const lines = logged.lines.splice(0).filter((line) => line['channel'] === 'REQ_URL');
  return lines.map(({ level, msg }) => `${String(level)} ${String(msg)}`);
}

describe('Notifier, what it tells of itself', () => {
  it('has succeeded when everything was told, not when one of two channels was', async () => {
    refusals.REQ_URL = 'refused';
    notifier.changed();
    await pass(30_000);
    expect(notifier.status).toEqual({ pending: true, lastSuccess: null });
    refusals.REQ_URL = null;
    await pass(60_000);
    expect(notifier.status).toEqual({ pending: false, lastSuccess: 60_500 });
    refusals.REQ_URL = 'refused';
    notifier.changed();
    await pass(30_000);
    expect(notifier.status).toEqual({ pending: true, lastSuccess: 60_500 });
  });

  it('says once that a channel is down and for each new reason, and when it works again', async () => {
    refusals.REQ_URL = 'refused';
    const gaveUp = 'Max retries exceeded for URL target';
    notifier.changed();
    await pass(30_000);
    expect(newLines()).toEqual(['WARNING notification failed', `ERROR ${gaveUp}`]);
    await pass(120_000);
    expect(newLines()).toEqual([`DEBUG ${gaveUp}`, `DEBUG ${gaveUp}`]);
    notifier.changed();
    await pass(10_000);
    expect(newLines()).toEqual(['DEBUG notification failed', `DEBUG ${gaveUp}`]);
    refusals.REQ_URL = 'forbidden';
    await pass(120_000);
    expect(newLines()).toEqual([`ERROR ${gaveUp}`, `DEBUG ${gaveUp}`]);
    refusals.REQ_URL = null;
    await pass(60_000);
    expect(newLines()).toEqual(['INFO application notified']);
    refusals.REQ_URL = 'forbidden';
    notifier.changed();
    await pass(10_000);
    expect(newLines()).toEqual(['WARNING notification failed', `ERROR ${gaveUp}`]);
  });

  it('says when it tries again, but not after the last quick retry of METHOD=LIST', async () => {
    refusals.REQ_URL = 'refused';
    const once = create();
    once.changed();
    const whole = once.runOnce(stop.signal);
    await pass(30_000);
    expect(await whole).toBe(false);
    const lines = logged.lines.filter((line) => line['channel'] === 'REQ_URL');
    expect(lines.map(({ level, retryInMs }) => [level, retryInMs])).toEqual([
      ['WARNING', 0],
      ['ERROR', undefined],
    ]);
  });
});
