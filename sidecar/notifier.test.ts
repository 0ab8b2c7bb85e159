import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { recordingLog } from '../test/recording-log.ts';
import { Notifier, type Channel, type NotifierPace } from './notifier.ts';

const pace: NotifierPace = { quiet: 500, maxWait: 5000, quickRetries: 3, backoffFactor: 1, slowRetry: 60_000 };

let log: ReturnType<typeof recordingLog>;
let stop: AbortController;
let running: Promise<void>[];
/** What was called when, in milliseconds since the start: `1000 REQ_URL`. */
let calls: string[];
let settled: number;
/** Whether a channel takes the next call; a promise holds it up. */
let answers: Record<Channel['name'], () => Promise<void> | void>;

beforeEach(() => {
  jest.useFakeTimers({ now: 0 });
  log = recordingLog();
  stop = new AbortController();
  running = [];
  calls = [];
  settled = 0;
  answers = { SCRIPT: () => undefined, REQ_URL: () => undefined };
});

afterEach(async () => {
  stop.abort();
  await Promise.all(running);
  jest.useRealTimers();
});

function channel(name: Channel['name']): Channel {
  return {
    name,
    deliver: async () => {
      calls.push(`${Date.now()} ${name}`);
      await answers[name]();
    },
  };
}

const refuse = (): never => {
  throw new Error('refused');
};

function create(names: Channel['name'][] = ['REQ_URL'], changedPace: Partial<NotifierPace> = {}): Notifier {
  return new Notifier({
    channels: names.map(channel),
    pace: { ...pace, ...changedPace },
    log: log.log,
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

describe('Notifier, bursts', () => {
  it('says nothing as long as nothing changes', async () => {
    run();
    await pass(3_600_000);
    expect(calls).toEqual([]);
  });

  it('notifies once of a burst, when it has been quiet for a while', async () => {
    const notifier = run();
    for (let n = 0; n < 10; n++) {
      notifier.changed();
      await pass(100);
    }
    await pass(60_000);
    expect([calls, settled]).toEqual([['1400 REQ_URL'], 1]);
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

  it('notifies of what changed before it ran', async () => {
    const notifier = create();
    notifier.changed();
    await pass(10_000);
    running.push(notifier.run(stop.signal));
    await pass(0);
    expect(calls).toEqual(['10000 REQ_URL']);
  });

  it('notifies again of what changed while it notified', async () => {
    const notifier = run();
    answers.REQ_URL = () => new Promise((resolve) => setTimeout(resolve, 2000));
    notifier.changed();
    await pass(1000);
    notifier.changed();
    await pass(1600);
    expect([calls, settled]).toEqual([['500 REQ_URL', '2500 REQ_URL'], 0]);
    await pass(2000);
    expect(settled).toBe(1);
  });

  it('is settled without channels too', async () => {
    run([]).changed();
    await pass(500);
    expect(settled).toBe(1);
  });
});

describe('Notifier, retries', () => {
  it('tries again quickly with the pauses of urllib3, then slowly until it succeeds', async () => {
    answers.REQ_URL = refuse;
    run().changed();
    await pass(130_000);
    // A timer of 0 takes 1 ms.
    const quick = ['500 REQ_URL', '501 REQ_URL', '2501 REQ_URL', '6501 REQ_URL'];
    expect([calls, settled]).toEqual([[...quick, '66501 REQ_URL', '126501 REQ_URL'], 0]);
    answers.REQ_URL = () => undefined;
    await pass(600_000);
    expect([calls.slice(6), settled]).toEqual([['186501 REQ_URL'], 1]);
  });

  it('logs every failure with its attempt, and the success', async () => {
    answers.REQ_URL = refuse;
    run(undefined, { quickRetries: 1 }).changed();
    await pass(600);
    answers.REQ_URL = () => undefined;
    await pass(60_000);
    expect(log.lines.map(({ msg, attempt, retryInMs, level }) => [level, msg, attempt, retryInMs])).toEqual([
      ['ERROR', 'notification failed', 1, 0],
      ['ERROR', 'notification failed', 2, 60_000],
      ['INFO', 'application notified', 3, undefined],
    ]);
  });

  it('lets a newer change replace what is being retried', async () => {
    answers.REQ_URL = refuse;
    const notifier = run();
    notifier.changed();
    await pass(10_000);
    calls = [];
    answers.REQ_URL = () => undefined;
    notifier.changed();
    await pass(600_000);
    expect([calls, settled]).toEqual([['10500 REQ_URL'], 1]);
  });

  it('calls SCRIPT before REQ_URL, and REQ_URL also when SCRIPT has failed', async () => {
    answers.SCRIPT = refuse;
    run(['SCRIPT', 'REQ_URL'], { quickRetries: 1 }).changed();
    await pass(600);
    expect(calls).toEqual(['500 SCRIPT', '500 REQ_URL', '501 SCRIPT']);
    answers.SCRIPT = () => undefined;
    await pass(60_000);
    expect([calls.slice(3), settled]).toEqual([['60501 SCRIPT'], 1]);
  });

  it('does not call a channel again because another one fails', async () => {
    answers.REQ_URL = refuse;
    run(['SCRIPT', 'REQ_URL']).changed();
    await pass(10_000);
    expect(calls.filter((call) => call.endsWith('SCRIPT'))).toEqual(['500 SCRIPT']);
  });

  it('ends within a pause when it is told to', async () => {
    answers.REQ_URL = refuse;
    run().changed();
    await pass(3000);
    stop.abort();
    await Promise.all(running);
    await pass(600_000);
    expect([calls.length, jest.getTimerCount(), settled]).toEqual([3, 0, 0]);
  });
});

describe('Notifier.flush', () => {
  it('has nothing to deliver when nothing is pending', async () => {
    expect(await create().flush(stop.signal)).toBe(true);
    expect([calls, settled]).toEqual([[], 0]);
  });

  it('delivers at once, without waiting for the end of the burst', async () => {
    const notifier = create();
    notifier.changed();
    expect(await notifier.flush(stop.signal)).toBe(true);
    expect(await notifier.flush(stop.signal)).toBe(true);
    expect([calls, settled]).toEqual([['0 REQ_URL'], 1]);
  });

  it('gives up after the quick retries, and the notification stays pending', async () => {
    answers.REQ_URL = refuse;
    const notifier = create();
    notifier.changed();
    const flushed = notifier.flush(stop.signal);
    await pass(600_000);
    expect(await flushed).toBe(false);
    expect([calls, settled]).toEqual([['0 REQ_URL', '0 REQ_URL', '2000 REQ_URL', '6000 REQ_URL'], 0]);
    answers.REQ_URL = () => undefined;
    expect(await notifier.flush(stop.signal)).toBe(true);
    expect(settled).toBe(1);
  });

  it('gives up when its signal comes', async () => {
    answers.REQ_URL = refuse;
    const notifier = create();
    notifier.changed();
    const flushed = notifier.flush(AbortSignal.any([stop.signal]));
    await pass(1000);
    stop.abort();
    expect(await flushed).toBe(false);
    expect(calls).toEqual(['0 REQ_URL', '0 REQ_URL']);
  });

  it('delivers to some channels alone when told so', async () => {
    const notifier = create(['SCRIPT', 'REQ_URL']);
    notifier.changed();
    expect(await notifier.flush(stop.signal, [channel('SCRIPT')])).toBe(true);
    expect([calls, settled]).toEqual([['0 SCRIPT'], 1]);
  });

  it('delivers at the end what was being retried', async () => {
    answers.REQ_URL = refuse;
    const notifier = run();
    notifier.changed();
    await pass(3000);
    stop.abort();
    await Promise.all(running);
    answers.REQ_URL = () => undefined;
    calls = [];
    expect(await notifier.flush(new AbortController().signal)).toBe(true);
    expect([calls, settled]).toEqual([['3000 REQ_URL'], 1]);
  });
});
