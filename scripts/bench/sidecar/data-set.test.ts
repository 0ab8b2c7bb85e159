import { describe, expect, it } from '@jest/globals';
import { dashboard, inParallel } from './data-set.ts';

describe('an object of a data set', () => {
  it('has one key, named after it, with content of the size asked for', () => {
    const { data = {}, ...rest } = dashboard('few-1', 10 * 1024);

    expect(rest).toEqual({ kind: 'ConfigMap', name: 'few-1', labels: { bench: '1' } });
    expect(Object.entries(data).map(([key, content]) => [key, content.length])).toEqual([['few-1.json', 10_240]]);
  });

  it('differs from revision to revision', () => {
    expect(dashboard('change-0', 1024, 1)).not.toEqual(dashboard('change-0', 1024, 2));
  });
});

it('work is done once for each item, sixteen at a time', async () => {
  const done: number[] = [];
  let [atWork, most] = [0, 0];

  await inParallel(
    Array.from({ length: 40 }, (_, index) => index),
    async (item) => {
      most = Math.max(most, ++atWork);
      await Promise.resolve();
      done.push(item);
      atWork -= 1;
    },
  );

  expect({ done: done.toSorted((a, b) => a - b), most }).toEqual({ done: [...Array(40).keys()], most: 16 });
});
