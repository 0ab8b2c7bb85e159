import { expect, it } from '@jest/globals';
import { runTogether, type Part } from './run-together.ts';

let ended: string[] = [];

/** Runs until its signal ends it. */
const lasting =
  (name: string): Part =>
  (signal) =>
    new Promise((resolve) =>
      signal.addEventListener('abort', () => {
        ended.push(name);
        resolve();
      }),
    );

it('ends when all parts have ended', async () => {
  ended = [];
  const stop = new AbortController();
  const running = runTogether([lasting('a'), async () => void ended.push('b'), lasting('c')], stop.signal);
  await Promise.resolve();
  expect(ended).toEqual(['b']);
  stop.abort();
  await running;
  expect(ended).toEqual(['b', 'a', 'c']);
});

it('ends the other parts when one fails, and rejects when they have ended', async () => {
  ended = [];
  const failing: Part = async () => {
    throw new Error('failed');
  };
  await expect(runTogether([lasting('a'), failing], new AbortController().signal)).rejects.toThrow('failed');
  expect(ended).toEqual(['a']);
});
