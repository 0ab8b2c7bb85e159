import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Trigger } from './trigger.ts';

const never = new AbortController().signal;

beforeEach(() => {
  jest.useFakeTimers({ now: 0 });
});

afterEach(() => {
  jest.useRealTimers();
});

describe('Trigger', () => {
  it.each([
    [-5, 0],
    [0, 0],
    [1000, 1000],
    [2 ** 31 - 1, 2 ** 31 - 1],
    [2 ** 31 + 1000, 2 ** 31 - 1],
  ])('is waited for %d ms by a timer of %d ms', async (ms, expected) => {
    const timers = jest.spyOn(globalThis, 'setTimeout');
    const waited = new Trigger().pulled(never, ms).then(() => Date.now());
    expect(timers.mock.calls.map(([, delay]) => delay)).toEqual([expected]);
    await jest.advanceTimersByTimeAsync(expected);
    expect(await waited).toBe(expected);
    timers.mockRestore();
  });

  it('is waited for without a timer when there is no limit', async () => {
    const trigger = new Trigger();
    const waited = trigger.pulled(never);
    expect(jest.getTimerCount()).toBe(0);
    trigger.pull();
    await expect(waited).resolves.toBeUndefined();
  });
});
