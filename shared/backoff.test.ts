import { expect, it } from '@jest/globals';
import { backoffMs, sleep, timerMs } from './backoff.ts';

const backoff = { firstMs: 800, capMs: 30_000 };

it('doubles from the first wait to the cap', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 1000].map((failures) => backoffMs(failures, () => 0, backoff));

  expect(waits).toEqual([800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
});

it('takes off up to half by chance', () => {
  expect([0, 0.5, 0.999].map((random) => backoffMs(1, () => random, backoff))).toEqual([800, 600, 400]);
});

it('stops waiting when aborted', async () => {
  const controller = new AbortController();
  const slept = sleep(3_600_000, controller.signal);
  controller.abort();

  await expect(slept).resolves.toBeUndefined();
  await expect(sleep(3_600_000, controller.signal)).resolves.toBeUndefined();
});

it('does not end at once where a timer takes no such time', async () => {
  const controller = new AbortController();
  const slept = sleep(2 ** 40, controller.signal).then(() => 'over');
  // The timer that a longer time becomes fires within 1 ms.
  expect(await Promise.race([slept, new Promise((resolve) => setTimeout(resolve, 20, 'waiting'))])).toBe('waiting');
  controller.abort();
  expect(await slept).toBe('over');
});

it('gives a timer no time that it does not take', () => {
  expect([-5, 0, 7, 2 ** 31, Infinity].map(timerMs)).toEqual([0, 0, 7, 2 ** 31 - 1, 2 ** 31 - 1]);
});
