import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { recordingLog } from '../../test/recording-log.ts';
import type { Channel } from './channel.ts';
import type { FileChanges, ToldChanges } from '../files/file-changes.ts';
import { noMeter } from '../health/meter.ts';
import { Notifier, type NotifierPace } from './notifier.ts';

const retries = { total: 3, connect: 3, read: 3, backoffFactor: 1, retryServerErrors: true };
const pace: NotifierPace = {
  perEvent: false,
  quiet: 500,
  maxWait: 5000,
  retries,
  slowRetry: 60_000,
  shutdown: 1000,
};

let logged: ReturnType<typeof recordingLog>;
let stop: AbortController;
let running: Promise<boolean>[];
/** What was called when, in milliseconds since the start: `1000 REQ_URL`. */
let calls: string[];
/** What each call was told. */
let told: ToldChanges[];
let outcomes: string[];
let settled: number;
/** Whether a channel takes the next call; a promise holds it up. */
let answers: Record<Channel['name'], (signal: AbortSignal) => Promise<void> | void>;

beforeEach(() => {
  jest.useFakeTimers({ now: 0 });
  logged = recordingLog();
  stop = new AbortController();
  running = [];
  calls = [];
  told = [];
  outcomes = [];
  settled = 0;
  answers = { SCRIPT: () => undefined, REQ_URL: () => undefined };
});

afterEach(async () => {
  answers = { SCRIPT: () => undefined, REQ_URL: () => undefined };
  stop.abort();
  await pass(10_000);
  await Promise.all(running);
  jest.useRealTimers();
});

function channel(name: Channel['name']): Channel {
  return {
    name,
    target: name === 'SCRIPT' ? '/script' : 'http://app/***',
    deliver: async (signal, changes) => {
      calls.push(`${Date.now()} ${name}`);
      told.push(changes);
      await answers[name](signal);
    },
  };
}

const refuse = (): never => {
  throw new Error('refused');
};

function refuseOnce(): () => void {
  let refused = false;
  return () => {
    if (refused) return;
    refused = true;
    refuse();
  };
}

/** Holds up the call for so long, or until it is broken off. */
const hang =
  (ms = Infinity) =>
  (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (ms !== Infinity) setTimeout(resolve, ms);
      signal.addEventListener('abort', () => reject(new Error('broken off')));
    });

function create(names: Channel['name'][] = ['REQ_URL'], changedPace: Partial<NotifierPace> = {}): Notifier {
  return new Notifier({
    name: 'dashboards',
    channels: names.map(channel),
    pace: { ...pace, ...changedPace },
    log: logged.log,
    meter: { ...noMeter, notification: (...outcome) => outcomes.push(outcome.join(' ')) },
    now: Date.now,
    onSettled: () => settled++,
  });
}

function run(names?: Channel['name'][], changedPace?: Partial<NotifierPace>): Notifier {
  const notifier = create(names, changedPace);
  running.push(notifier.run(stop.signal));
  return notifier;
}

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);
const written = (path: string): FileChanges => ({ written: [path], removed: [], objects: [`configmap/x${path}`] });
const removed = (path: string): FileChanges => ({ written: [], removed: [path], objects: [`configmap/x${path}`] });
/** What a call that is told of these files has been told. */
const sumOf = (...paths: string[]): ToldChanges => ({
  complete: true,
  written: paths,
  removed: [],
  objects: paths.map((path) => `configmap/x${path}`),
});

describe('Notifier, bursts', () => {
  it('says nothing as long as nothing changes', async () => {
    const notifier = run();
    await pass(3_600_000);
    expect([calls, notifier.status]).toEqual([[], { pending: false, lastSuccess: null }]);
  });

  it('notifies once of a burst, when it has been quiet for a while', async () => {
    const notifier = run();
    for (let n = 0; n < 10; n++) {
      notifier.changed(written(`/${n}`));
      await pass(100);
    }
    expect(notifier.status).toEqual({ pending: true, lastSuccess: null });
    await pass(60_000);
    expect([calls, settled, outcomes]).toEqual([['1400 REQ_URL'], 1, ['dashboards REQ_URL success']]);
    expect(told).toEqual([sumOf(...Array.from({ length: 10 }, (_, n) => `/${n}`))]);
    expect(notifier.status).toEqual({ pending: false, lastSuccess: 1400 });
  });

  it('does not wait for the end of a burst for ever', async () => {
    const notifier = run();
    for (let n = 0; n < 80; n++) {
      notifier.changed();
      await pass(100);
    }
    await pass(60_000);
    expect(calls).toEqual(['5000 REQ_URL', '8400 REQ_URL']);
  });

  it('tells of a path what happened to it last, and of each change once', async () => {
    const notifier = run();
    notifier.changed(written('/a'));
    notifier.changed(removed('/a'));
    notifier.changed(written('/b'));
    await pass(1000);
    notifier.changed(written('/a'));
    await pass(1000);
    expect(told).toEqual([
      { complete: true, written: ['/b'], removed: ['/a'], objects: ['configmap/x/a', 'configmap/x/b'] },
      sumOf('/a'),
    ]);
  });

  it('notifies of what changed before it ran, and that not all of it is known', async () => {
    const notifier = create();
    notifier.changed();
    await pass(10_000);
    running.push(notifier.run(stop.signal));
    await pass(0);
    expect([calls, told]).toEqual([['10000 REQ_URL'], [{ complete: false, written: [], removed: [], objects: [] }]]);
  });

  it('notifies again of what changed while it notified', async () => {
    const notifier = run();
    answers.REQ_URL = hang(2000);
    notifier.changed(written('/a'));
    await pass(1000);
    notifier.changed(written('/b'));
    await pass(1600);
    expect([calls, settled]).toEqual([['500 REQ_URL', '2500 REQ_URL'], 0]);
    await pass(2000);
    expect([told, settled]).toEqual([[sumOf('/a'), sumOf('/b')], 1]);
  });

  it('is settled without channels too', async () => {
    run([]).changed();
    await pass(500);
    expect(settled).toBe(1);
  });
});

describe('Notifier, retries', () => {
  it('tries again quickly as it was told, then slowly until it succeeds', async () => {
    answers.REQ_URL = refuse;
    const notifier = run();
    notifier.changed(written('/a'));
    await pass(130_000);
    const quick = ['500 REQ_URL', '500 REQ_URL', '2500 REQ_URL', '6500 REQ_URL'];
    expect([calls, settled]).toEqual([[...quick, '66500 REQ_URL', '126500 REQ_URL'], 0]);
    expect(notifier.status).toEqual({ pending: true, lastSuccess: null });
    answers.REQ_URL = () => undefined;
    await pass(600_000);
    expect([calls.slice(6), settled]).toEqual([['186500 REQ_URL'], 1]);
    expect(told).toEqual(Array.from({ length: 7 }, () => sumOf('/a')));
    expect(outcomes).toEqual([
      ...Array.from({ length: 6 }, () => 'dashboards REQ_URL failure'),
      'dashboards REQ_URL success',
    ]);
  });

  it('says in the log of every failure when it is tried next, and when the quick retries are used up', async () => {
    answers = { SCRIPT: refuse, REQ_URL: refuse };
    run(['SCRIPT', 'REQ_URL'], { retries: { ...retries, total: 1 } }).changed();
    await pass(600);
    answers = { SCRIPT: () => undefined, REQ_URL: () => undefined };
    await pass(60_000);
    expect(
      logged.lines.map(({ level, msg, channel, attempt, retryInMs }) => [level, msg, channel, attempt, retryInMs]),
    ).toEqual([
      ['WARNING', 'notification failed', 'SCRIPT', 1, 0],
      ['WARNING', 'notification failed', 'REQ_URL', 1, 0],
      ['ERROR', 'Script failed with error: /script', 'SCRIPT', 2, 60_000],
      ['ERROR', 'Max retries exceeded for URL http://app/***', 'REQ_URL', 2, 60_000],
      ['INFO', 'application notified', 'SCRIPT', 3, undefined],
      ['INFO', 'application notified', 'REQ_URL', 3, undefined],
    ]);
  });

  it('lets a newer change replace what is being retried, and tells of both', async () => {
    answers.REQ_URL = refuse;
    const notifier = run();
    notifier.changed(written('/a'));
    await pass(10_000);
    [calls, told] = [[], []];
    answers.REQ_URL = () => undefined;
    notifier.changed(written('/b'));
    await pass(600_000);
    expect([calls, told, settled]).toEqual([['10500 REQ_URL'], [sumOf('/a', '/b')], 1]);
  });

  it('has all quick retries for a newer change', async () => {
    answers.REQ_URL = refuse;
    const notifier = run();
    notifier.changed();
    await pass(9500);
    calls = [];
    notifier.changed();
    await pass(10_000);
    expect(calls).toEqual(['10000 REQ_URL', '10000 REQ_URL', '12000 REQ_URL', '16000 REQ_URL']);
  });

  it('is told of changes while a call hangs, and tells of them afterwards', async () => {
    answers.REQ_URL = hang(10_000);
    const notifier = run();
    notifier.changed(written('/a'));
    await pass(1000);
    for (let n = 0; n < 90; n++) {
      await pass(100);
      notifier.changed(written('/b'));
    }
    await pass(60_000);
    expect([calls, told, settled]).toEqual([['500 REQ_URL', '10500 REQ_URL'], [sumOf('/a'), sumOf('/b')], 1]);
  });
});

describe('Notifier, two channels', () => {
  it('calls SCRIPT before REQ_URL, and one at a time', async () => {
    answers.SCRIPT = hang(3000);
    answers.REQ_URL = hang(3000);
    const notifier = run(['SCRIPT', 'REQ_URL']);
    notifier.changed();
    await pass(4000);
    notifier.changed();
    await pass(60_000);
    expect(calls).toEqual(['500 SCRIPT', '3500 REQ_URL', '6500 SCRIPT', '9500 REQ_URL']);
  });

  it('calls REQ_URL also when SCRIPT has failed, before SCRIPT is retried', async () => {
    answers.SCRIPT = refuse;
    run(['SCRIPT', 'REQ_URL'], { retries: { ...retries, total: 1 } }).changed();
    await pass(600);
    expect(calls).toEqual(['500 SCRIPT', '500 REQ_URL', '500 SCRIPT']);
    answers.SCRIPT = () => undefined;
    await pass(60_000);
    expect([calls.slice(3), settled]).toEqual([['60500 SCRIPT'], 1]);
  });

  it('does not call a channel again because another one fails, and tells each what it has not been told', async () => {
    answers.REQ_URL = refuse;
    const notifier = run(['SCRIPT', 'REQ_URL'], { retries: { ...retries, total: 0 } });
    notifier.changed(written('/a'));
    await pass(10_000);
    notifier.changed(written('/b'));
    await pass(10_000);
    answers.REQ_URL = () => undefined;
    await pass(60_000);
    expect(calls).toEqual(['500 SCRIPT', '500 REQ_URL', '10500 SCRIPT', '10500 REQ_URL', '70500 REQ_URL']);
    expect(told).toEqual([sumOf('/a'), sumOf('/a'), sumOf('/b'), sumOf('/a', '/b'), sumOf('/a', '/b')]);
    expect([settled, notifier.status]).toEqual([1, { pending: false, lastSuccess: 70_500 }]);
  });

  it('tells one of them alone what has changed so far, also by slow retries, and both what changes later', async () => {
    answers.SCRIPT = refuse;
    const notifier = create(['SCRIPT', 'REQ_URL'], { retries: { ...retries, total: 0 } });
    notifier.changed(written('/a'));
    notifier.tellOnly('SCRIPT');
    running.push(notifier.run(stop.signal));
    await pass(100_000);
    expect([calls, settled]).toEqual([['0 SCRIPT', '60000 SCRIPT'], 0]);
    notifier.changed(written('/b'));
    await pass(1000);
    expect(calls.slice(2)).toEqual(['100500 SCRIPT', '100500 REQ_URL']);
    expect(told.slice(2)).toEqual([sumOf('/a', '/b'), sumOf('/b')]);
  });

  it('is settled when there is nobody to tell what has changed so far', async () => {
    const notifier = run(['REQ_URL']);
    notifier.changed();
    notifier.tellOnly('SCRIPT');
    expect(settled).toBe(1);
    await pass(60_000);
    expect(calls).toEqual([]);
  });
});

describe('Notifier, one notification for each event', () => {
  const perEvent = { perEvent: true };
  const changeAll = (notifier: Notifier, paths: string[]): void => {
    for (const path of paths) notifier.changed(written(path));
  };

  it('tells of each event by itself, in order, one after the other, to all channels', async () => {
    answers.REQ_URL = hang(1000);
    const notifier = run(['SCRIPT', 'REQ_URL'], perEvent);
    changeAll(notifier, ['/a', '/b']);
    await pass(5000);
    expect(calls).toEqual(['0 SCRIPT', '0 REQ_URL', '1000 SCRIPT', '1000 REQ_URL']);
    expect(told).toEqual([sumOf('/a'), sumOf('/a'), sumOf('/b'), sumOf('/b')]);
    expect(settled).toBe(1);
  });

  it('uses the quick retries for an event before it comes to the next', async () => {
    let refusals = 2;
    answers.REQ_URL = () => (refusals-- > 0 ? refuse() : undefined);
    changeAll(run(undefined, perEvent), ['/a', '/b']);
    await pass(5000);
    expect(calls).toEqual(['0 REQ_URL', '0 REQ_URL', '2000 REQ_URL', '2000 REQ_URL']);
    expect(told).toEqual([sumOf('/a'), sumOf('/a'), sumOf('/a'), sumOf('/b')]);
  });

  it('tells with the next event what it could not tell, and goes back to one by one when it succeeds', async () => {
    answers.REQ_URL = refuse;
    const notifier = run(undefined, { ...perEvent, retries: { ...retries, total: 1 } });
    changeAll(notifier, ['/a', '/b']);
    await pass(10_000);
    expect(told).toEqual([sumOf('/a'), sumOf('/a'), sumOf('/a', '/b'), sumOf('/a', '/b')]);
    answers.REQ_URL = () => undefined;
    told = [];
    changeAll(notifier, ['/c', '/d']);
    await pass(1000);
    expect([told, settled]).toEqual([[sumOf('/a', '/b', '/c'), sumOf('/d')], 1]);
    [told, answers.REQ_URL] = [[], refuseOnce()];
    changeAll(notifier, ['/e', '/f']);
    await pass(1000);
    expect(told).toEqual([sumOf('/e'), sumOf('/e'), sumOf('/f')]);
  });

  it('does not keep events from REQ_URL because SCRIPT is down', async () => {
    answers.SCRIPT = refuse;
    const notifier = run(['SCRIPT', 'REQ_URL'], perEvent);
    changeAll(notifier, ['/a']);
    await pass(10_000);
    [calls, told] = [[], []];
    changeAll(notifier, ['/b', '/c']);
    await pass(1000);
    expect(calls).toEqual(['10000 SCRIPT', '10000 REQ_URL', '10000 SCRIPT', '10000 REQ_URL', '10000 SCRIPT']);
    expect(told.filter((_, n) => n % 2 === 1)).toEqual([sumOf('/b'), sumOf('/c')]);
  });

  it('tells of what is more than 300 events behind together', async () => {
    const notifier = run(undefined, perEvent);
    const paths = Array.from({ length: 400 }, (_, n) => `/${n}`);
    changeAll(notifier, paths);
    await pass(1000);
    expect([told.length, told.at(-1)]).toEqual([300, sumOf(...paths.slice(299))]);
  });
});

describe('Notifier, the end', () => {
  /** Ends it as SIGTERM does; answers whether everything was told, and when it had ended. */
  const end = async (): Promise<[boolean, number]> => {
    const ended = Promise.all(running).then(([whole = false]): [boolean, number] => [whole, Date.now()]);
    stop.abort();
    await pass(60_000);
    return ended;
  };

  it('comes at once when there is nothing to tell', async () => {
    run();
    await pass(500);
    expect(await end()).toEqual([true, 500]);
    expect([calls, jest.getTimerCount()]).toEqual([[], 0]);
  });

  it('tells the last changes without waiting for the end of their burst', async () => {
    const notifier = run();
    notifier.changed(written('/a'));
    await pass(100);
    expect(await end()).toEqual([true, 100]);
    expect([calls, told, settled]).toEqual([['100 REQ_URL'], [sumOf('/a')], 1]);
  });

  it('tries at once what was being retried', async () => {
    answers.REQ_URL = refuse;
    run().changed();
    await pass(20_000);
    [calls, answers.REQ_URL] = [[], () => undefined];
    expect(await end()).toEqual([true, 20_000]);
    expect([calls, settled]).toEqual([['20000 REQ_URL'], 1]);
  });

  it('lets a call end that is under way, and tells what has changed meanwhile', async () => {
    answers.REQ_URL = hang(400);
    const notifier = run();
    notifier.changed(written('/a'));
    await pass(600);
    notifier.changed(written('/b'));
    expect(await end()).toEqual([true, 1300]);
    expect([calls, told, settled]).toEqual([['500 REQ_URL', '900 REQ_URL'], [sumOf('/a'), sumOf('/b')], 1]);
  });

  it('breaks off a call that does not end in time, and says that not everything was told', async () => {
    answers.SCRIPT = hang();
    run(['SCRIPT', 'REQ_URL']).changed();
    await pass(700);
    expect(await end()).toEqual([false, 1700]);
    expect([calls, settled, logged.lines]).toEqual([['500 SCRIPT'], 0, []]);
  });

  it('breaks off in time what it has begun at the end', async () => {
    answers.REQ_URL = hang();
    run().changed();
    await pass(100);
    expect(await end()).toEqual([false, 1100]);
  });

  it('does not wait for a retry that would come too late', async () => {
    answers.REQ_URL = refuse;
    run().changed();
    await pass(100);
    expect(await end()).toEqual([false, 100]);
    expect([calls, settled]).toEqual([['100 REQ_URL', '100 REQ_URL'], 0]);
  });

  it('leaves no timer behind', async () => {
    answers.REQ_URL = refuse;
    run().changed();
    await pass(3000);
    await end();
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('Notifier.runOnce', () => {
  it('has nothing to tell when nothing has changed', async () => {
    expect(await create().runOnce(stop.signal)).toBe(true);
    expect([calls, settled]).toEqual([[], 0]);
  });

  it('tells at once, without waiting for the end of the burst', async () => {
    const notifier = create();
    notifier.changed(written('/a'));
    expect(await notifier.runOnce(stop.signal)).toBe(true);
    expect([calls, told, settled, jest.getTimerCount()]).toEqual([['0 REQ_URL'], [sumOf('/a')], 1, 0]);
  });

  it('gives up after the quick retries', async () => {
    answers.REQ_URL = refuse;
    const notifier = create();
    notifier.changed();
    const whole = notifier.runOnce(stop.signal);
    await pass(6000);
    expect(await whole).toBe(false);
    expect([calls, settled]).toEqual([['0 REQ_URL', '0 REQ_URL', '2000 REQ_URL', '6000 REQ_URL'], 0]);
  });

  it('has the quick retries of one channel although those of another are used up', async () => {
    answers.SCRIPT = refuse;
    answers.REQ_URL = hang(100_000);
    const notifier = create(['SCRIPT', 'REQ_URL'], { retries: { ...retries, total: 0 } });
    notifier.changed();
    const whole = notifier.runOnce(stop.signal);
    await pass(100_000);
    expect([await whole, calls]).toEqual([false, ['0 SCRIPT', '0 REQ_URL']]);
  });

  it('ends soon after its signal', async () => {
    answers.REQ_URL = refuse;
    const notifier = create();
    notifier.changed();
    const whole = notifier.runOnce(stop.signal).then((answer) => [answer, Date.now()]);
    await pass(3000);
    stop.abort();
    await pass(10_000);
    expect(await whole).toEqual([false, 4000]);
  });
});
