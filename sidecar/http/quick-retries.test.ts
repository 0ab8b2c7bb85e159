import { describe, expect, it } from '@jest/globals';
import { HttpExchangeError } from './http-exchange-error.ts';
import { QuickRetries, type RetrySettings } from './quick-retries.ts';

// The defaults of the settings, but for REQ_RETRY_TOTAL where a test is about another number.
const settings: RetrySettings = { total: 5, connect: 10, read: 5, backoffFactor: 1.1, retryServerErrors: true };
const connect = new HttpExchangeError('no connection', { phase: 'connect' });
const read = new HttpExchangeError('broke off', { phase: 'read' });
const status = (code: number, retryAfterMs?: number): HttpExchangeError =>
  new HttpExchangeError(`status ${code}`, { phase: 'answer', status: code, retryAfterMs });

/** The pauses after these failures, one after the other. */
function pauses(errors: readonly unknown[], overrides: Partial<RetrySettings> = {}): (number | null)[] {
  const retries = new QuickRetries({ ...settings, ...overrides });
  return errors.map((error) => retries.next(error));
}

describe('quick retries', () => {
  it.each([
    { kind: 'a script', error: new Error('exit code 1') },
    { kind: 'a connection that could not be made', error: connect },
    { kind: 'an answer that broke off', error: read },
    { kind: 'too many requests', error: status(429) },
    { kind: 'a 5xx status', error: status(503) },
  ])('come at once and then at doubling pauses after $kind, as many as configured', ({ error }) => {
    expect(pauses(Array(7).fill(error))).toEqual([0, 2200, 4400, 8800, 17_600, null, null]);
  });

  it.each([400, 401, 403, 404, 407, 499])('do not follow a refusal: status %d', (code) => {
    expect(pauses([status(code), status(code)])).toEqual([null, null]);
  });

  it.each([302, 408, 425, 429, 500])('follow what may pass: status %d', (code) => {
    expect(pauses([status(code), status(code)])).toEqual([0, 2200]);
  });

  it('can be as slow as the factor says, but no pause is longer than two minutes', () => {
    expect(pauses(Array(4).fill(status(500)), { backoffFactor: 20 })).toEqual([0, 40_000, 80_000, 120_000]);
  });

  it('can be without pauses, and without number', () => {
    expect(pauses(Array(2000).fill(status(500)), { backoffFactor: 0, total: 2000 })).toEqual(Array(2000).fill(0));
  });

  it('do not exist with a total of 0', () => {
    expect(pauses([connect], { total: 0 })).toEqual([null]);
  });

  it('follow a connection that could not be made no more often than configured', () => {
    const errors = [connect, status(500), connect, connect];
    expect(pauses(errors, { connect: 2 })).toEqual([0, 2200, 4400, null]);
    expect(pauses([read, connect], { connect: 0 })).toEqual([0, null]);
  });

  it('follow an answer that broke off no more often than configured', () => {
    const errors = [read, connect, read, read];
    expect(pauses(errors, { read: 2 })).toEqual([0, 2200, 4400, null]);
    expect(pauses([connect, read], { read: 0 })).toEqual([0, null]);
  });

  it('follow every other failure as often as the total allows', () => {
    const none = { connect: 0, read: 0, total: 2 };
    expect(pauses([new Error('exit code 1'), status(429), status(429)], none)).toEqual([0, 2200, null]);
  });

  it('do not follow a 5xx status where that is turned off, and still follow everything else', () => {
    const off = { retryServerErrors: false };
    expect(pauses([status(500)], off)).toEqual([null]);
    expect(pauses([status(429), connect, read, new Error('exit code 1')], off)).toEqual([0, 2200, 4400, 8800]);
  });

  it('wait for as long as the server asks, up to two minutes', () => {
    const errors = [status(429, 3000), status(503, 1000), status(503, 3_600_000)];
    expect(pauses(errors)).toEqual([3000, 2200, 120_000]);
  });
});
