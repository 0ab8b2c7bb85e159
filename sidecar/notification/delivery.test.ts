import { describe, expect, it } from '@jest/globals';
import type { FileChanges, ToldChanges } from '../files/file-changes.ts';
import { Delivery } from './delivery.ts';

const pace = {
  retries: { total: 5, connect: 5, read: 5, backoffFactor: 1, retryServerErrors: true },
  slowRetry: 60_000,
};
const written = (path: string): FileChanges => ({ written: [path], removed: [], objects: [] });
const removed = (path: string): FileChanges => ({ written: [], removed: [path], objects: [] });

/** A delivery whose calls last until `end` is called, and what each was told. */
function delivery(): { one: Delivery; end: (error?: Error) => void; told: ToldChanges[] } {
  const told: ToldChanges[] = [];
  let call = Promise.withResolvers<void>();
  const deliver = (_signal: AbortSignal, changes: ToldChanges): Promise<void> => {
    told.push(changes);
    call = Promise.withResolvers();
    return call.promise;
  };
  const end = (error?: Error): void => (error ? call.reject(error) : call.resolve());
  return { one: new Delivery({ name: 'REQ_URL', target: 'x', deliver }, pace), end, told };
}

describe('Delivery', () => {
  const never = new AbortController().signal;

  it.each([
    { outcome: 'succeeds', error: undefined, next: removed('/a') },
    { outcome: 'fails', error: new Error('refused'), next: { ...removed('/a'), written: ['/b'] } },
  ])('tells next what was added while a call was under way that $outcome', async ({ error, next }) => {
    const { one, end, told } = delivery();
    one.add({ ...written('/a'), written: ['/a', '/b'] }, 0);
    const first = one.try(never, () => 0);
    one.add(removed('/a'), 0);
    end(error);
    await first;
    expect(one.isPending).toBe(true);
    const second = one.try(never, () => 0);
    expect(one.isPending).toBe(true);
    end();
    await second;
    expect(told.slice(1)).toEqual([{ complete: true, ...next }]);
    expect(one.isPending).toBe(false);
  });
});
