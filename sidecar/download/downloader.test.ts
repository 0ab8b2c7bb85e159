import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../test/eventually.ts';
import { recordingLog } from '../../test/recording-log.ts';
import type { FetchDownload } from './download-fetch.ts';
import { Download } from './download.ts';
import { Downloader, type DownloaderOptions } from './downloader.ts';
import { HttpExchangeError } from '../http/http-exchange-error.ts';
import type { Condition, ExchangeAnswer } from '../http/http-exchange.ts';
import { noMeter } from '../health/meter.ts';
import type { WantedDownload } from '../projection/wanted-download.ts';

const retries = { total: 2, connect: 2, read: 2, backoffFactor: 0.001, retryServerErrors: true };
const never = { retries, refreshMs: Infinity, slowRetryMs: Infinity };

interface Asked {
  readonly url: string;
  readonly condition: Condition | undefined;
  readonly signal: AbortSignal;
  readonly answer: (content: string, more?: Partial<ExchangeAnswer>) => void;
  readonly fail: (message: string, retryAfterMs?: number) => void;
}

let stop: AbortController;
let running: Promise<void>[];
let logged: ReturnType<typeof recordingLog>;
/** What is wanted, by path. */
let wanted: Map<string, WantedDownload>;
/** Requests under way and past. */
let asked: Asked[];
/** What was told to the sync. */
let told: string[];
let counted: string[];
/** Answers at once, where it is given. */
let respond: ((asked: Asked) => void) | undefined;

beforeEach(() => {
  stop = new AbortController();
  running = [];
  logged = recordingLog();
  wanted = new Map();
  [asked, told, counted, respond] = [[], [], [], undefined];
});

afterEach(async () => {
  stop.abort();
  await Promise.all(running);
});

const fetch: FetchDownload = (url, { condition, signal }) =>
  new Promise((resolve, reject) => {
    const answer: Asked['answer'] = (content, more) =>
      resolve({ status: 200, headers: {}, body: Buffer.from(content), url, ...more });
    const fail: Asked['fail'] = (message, retryAfterMs) =>
      reject(new HttpExchangeError(message, { phase: 'answer', retryAfterMs }));
    signal.addEventListener('abort', () => fail('aborted'));
    const one = { url, condition, signal, answer, fail };
    asked.push(one);
    respond?.(one);
  });

function want(path: string, more: Partial<WantedDownload> = {}): void {
  wanted.set(path, { path, source: 'configmap/x/a', url: `http://user:word@a/${path}?word`, missing: true, ...more });
}

const options: DownloaderOptions = {
  name: 'sync',
  target: {
    wantedDownloads: () => [...wanted.values()],
    downloaded: (one, content) => {
      told.push(`${one.path}=${content.toString()}`);
      wanted.set(one.path, { ...one, missing: false });
      return content.toString() !== 'same';
    },
    downloadFailed: ({ path }, reason) => void told.push(`${path}: ${reason}`),
  },
  fetch,
  pace: never,
  atOnce: false,
  log: recordingLog().log,
  meter: { ...noMeter, download: (_sync, outcome) => void counted.push(outcome) },
  now: () => performance.now(),
  random: () => 0.5,
};

function downloader(more: Partial<DownloaderOptions> = {}): Downloader {
  return new Downloader({ ...options, log: logged.log, ...more });
}

function start(more?: Partial<DownloaderOptions>): Downloader {
  const made = downloader(more);
  running.push(made.run(stop.signal));
  return made;
}

const until = (condition: () => boolean) => eventually(condition, { timeoutMs: 5000, intervalMs: 1 });
const messages = (): unknown[] => logged.lines.map(({ msg }) => msg);
/** Whatever could happen at once has happened. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('downloader', () => {
  it('downloads what is missing, four at a time', async () => {
    for (const path of ['a', 'b', 'c', 'd', 'e', 'f']) want(path);
    start();
    await settle();
    expect(asked.map(({ url }) => url.slice(19, 20))).toEqual(['a', 'b', 'c', 'd']);
    asked[1]?.answer('B');
    await until(() => asked.length === 5);
    for (const { answer } of asked) answer('X');
    await until(() => asked.length === 6);
    asked[5]?.answer('F');
    await until(() => told.length === 6);
    expect(told).toEqual(['b=B', 'a=X', 'c=X', 'd=X', 'e=X', 'f=F']);
  });

  it('looks up again what it has got, at about the interval, and asks only for what is new', async () => {
    want('a');
    const times: number[] = [];
    respond = ({ answer, condition }) => {
      times.push(performance.now());
      if (condition) answer('', { status: 304 });
      else answer('A', { headers: { etag: '"1"', 'last-modified': 'then' }, url: 'http://there/' });
    };
    start({ pace: { ...never, refreshMs: 30 } });
    await until(() => asked.length === 4);
    const condition = { url: 'http://there/', headers: { 'if-none-match': '"1"', 'if-modified-since': 'then' } };
    expect(asked.map((one) => one.condition)).toEqual([undefined, condition, condition, condition]);
    expect(told).toEqual(['a=A']);
    expect(counted.slice(0, 3)).toEqual(['changed', 'unchanged', 'unchanged']);
    expect((times[3] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(80);
  });

  it.each([
    [0, 54_000],
    [0.5, 60_000],
    [1, 66_000],
  ])('spreads the looks by a tenth: with %d the next one comes after %d ms', (random, expected) => {
    const one = { path: 'a', source: 'configmap/x/a', url: 'http://a', missing: false };
    const tools = { ...options, pace: { ...never, refreshMs: 60_000 }, now: () => 0, random: () => random };
    expect(new Download(one, tools).due).toBeCloseTo(expected);
  });

  it('does not look up again without an interval', async () => {
    want('a');
    respond = ({ answer }) => answer('A');
    start();
    await until(() => told.length === 1);
    await settle();
    expect(asked).toHaveLength(1);
  });

  it('leaves what an earlier process has got until it is time', async () => {
    want('a', { missing: false });
    respond = ({ answer }) => answer('same');
    const begin = performance.now();
    start({ pace: { ...never, refreshMs: 50 } });
    await until(() => told.length === 1);
    expect(performance.now() - begin).toBeGreaterThan(45);
    expect([told[0], counted[0]]).toEqual(['a=same', 'unchanged']);
  });

  it('tells of a failure at once, tries again quickly, and then at the slow pace', async () => {
    want('a');
    respond = ({ fail }) => fail('GET http://a/*** was answered with status 503');
    start({ pace: { ...never, slowRetryMs: 40 } });
    await until(() => told.length >= 3);
    const quick = performance.now();
    await until(() => told.length >= 4);
    expect(performance.now() - quick).toBeGreaterThan(20);
    expect(new Set(told)).toEqual(new Set(['a: GET http://a/*** was answered with status 503']));
  });

  it('logs a failure once for each reason, and its end, without a secret', async () => {
    want('a');
    const answers = [
      (one: Asked) => one.fail('status 503'),
      (one: Asked) => one.fail('status 503'),
      (one: Asked) => one.fail('status 404'),
      (one: Asked) => one.answer('word'),
    ];
    respond = (one) => answers.shift()?.(one);
    start({ pace: { ...never, slowRetryMs: 1 } });
    await until(() => told.at(-1) === 'a=word');
    const facts = { object: 'configmap/x/a', path: 'a', url: 'http://***@a/***' };
    expect(logged.lines).toMatchObject([
      { level: 'WARNING', msg: 'a download failed', ...facts, err: { message: 'status 503' } },
      { level: 'WARNING', msg: 'a download failed', ...facts, err: { message: 'status 404' } },
      { level: 'INFO', msg: 'the download succeeds again', ...facts },
    ]);
    expect(JSON.stringify(logged.lines)).not.toContain('word');
    expect(counted).toEqual(['failure', 'failure', 'failure', 'changed']);
  });

  it('asks for the whole content after a failure, so that its end can be told', async () => {
    want('a');
    const answers = [
      (one: Asked) => one.answer('A', { headers: { etag: '"1"' } }),
      (one: Asked) => one.fail('status 503'),
      (one: Asked) => one.answer('same', { headers: { etag: '"1"' } }),
      (one: Asked) => one.answer('', { status: 304 }),
    ];
    respond = (one) => answers.shift()?.(one);
    start({ pace: { ...never, refreshMs: 5 } });
    await until(() => counted.length >= 4);
    expect(asked.slice(0, 4).map(({ condition }) => condition?.headers['if-none-match'])).toEqual([
      undefined,
      '"1"',
      undefined,
      '"1"',
    ]);
    expect(told).toEqual(['a=A', 'a: status 503', 'a=same']);
  });

  it('gets anew what is gone from the volume, and needs no telling for the next look', async () => {
    want('a');
    respond = ({ answer }) => answer('A', { headers: { etag: '"1"' } });
    const made = start();
    await until(() => told.length === 1);
    want('a', { missing: true });
    made.needed();
    await until(() => told.length === 2);
    expect(asked.map(({ condition }) => condition)).toEqual([undefined, undefined]);
  });

  it('does not hurry what can not be got because something else is wanted', async () => {
    want('a');
    respond = ({ fail }) => fail('status 404');
    const made = start();
    await until(() => told.length === 3);
    want('b');
    made.needed();
    await until(() => asked.length === 6);
    await settle();
    expect(asked.map(({ url }) => url.slice(19, 20))).toEqual(['a', 'a', 'a', 'b', 'b', 'b']);
  });

  it('goes on with what is still wanted, and ends what is not', async () => {
    want('a');
    want('b');
    const made = start();
    await until(() => asked.length === 2);
    wanted.delete('b');
    want('c');
    made.needed();
    await until(() => asked.length === 3);
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([false, true, false]);
    asked[0]?.answer('A');
    await until(() => told.length === 1);
    expect([told, messages()]).toEqual([['a=A'], []]);
  });

  it('takes a changed URL for another download', async () => {
    want('a', { url: 'http://a/1' });
    const made = start();
    await until(() => asked.length === 1);
    want('a', { url: 'http://a/2' });
    made.needed();
    await until(() => asked.length === 2);
    asked[1]?.answer('2');
    await until(() => told.length === 1);
    expect([asked[0]?.signal.aborted, told]).toEqual([true, ['a=2']]);
  });

  it('ends at once when it is told to, without a word', async () => {
    want('a');
    start();
    await until(() => asked.length === 1);
    stop.abort();
    await Promise.all(running);
    expect([asked[0]?.signal.aborted, told, messages(), counted]).toEqual([true, [], [], []]);
  });

  it('does one round with the quick retries, also of what was got before', async () => {
    for (const path of ['a', 'b']) want(path);
    want('c', { missing: false });
    respond = ({ url, answer, fail }) => (url.includes('/b') ? fail('status 404') : answer('X'));
    const made = downloader({ atOnce: true });
    await made.runOnce(stop.signal);
    expect([...told].sort()).toEqual(['a=X', 'b: status 404', 'b: status 404', 'b: status 404', 'c=X']);
    await made.runOnce(stop.signal);
    expect(told).toHaveLength(5);
    want('a');
    await made.runOnce(stop.signal);
    expect(told.slice(5)).toEqual(['a=X']);
  });

  it('ends a round that it is told to end', async () => {
    want('a');
    const ended = downloader().runOnce(stop.signal);
    await until(() => asked.length === 1);
    stop.abort();
    await ended;
    expect(told).toEqual([]);
  });

  it('waits for as long as the server asks', async () => {
    want('a');
    const times: number[] = [];
    respond = ({ fail }) => {
      times.push(performance.now());
      fail('status 429', 60);
    };
    start();
    await until(() => asked.length === 2);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(55);
  });

  it('reports what the sync could not take in', async () => {
    want('a');
    respond = ({ answer }) => answer('A');
    const failed: string[] = [];
    start({
      target: {
        wantedDownloads: () => [...wanted.values()],
        downloaded: () => {
          throw new Error('no space left');
        },
        downloadFailed: (_one, reason) => void failed.push(reason),
      },
    });
    await until(() => failed.length === 3);
    expect(messages()).toEqual(['a download failed']);
  });
});
