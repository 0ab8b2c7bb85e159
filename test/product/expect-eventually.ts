import { expect } from '@jest/globals';
import { eventually } from '../eventually.ts';

/**
 * Waits until `look` gives what is expected, and fails with the difference when it doesn't in time. For logs too: a line is read some time
 * after what it tells of can be seen.
 */
export async function expectEventually(look: () => unknown, expected: unknown, timeoutMs = 15_000): Promise<void> {
  const asExpected = async (): Promise<boolean> => {
    expect(await look()).toEqual(expected);
    return true;
  };
  await eventually(asExpected, { timeoutMs, intervalMs: 20 }).catch(() => undefined);
  await asExpected();
}
