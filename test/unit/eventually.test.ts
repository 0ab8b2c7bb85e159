import { describe, expect, it } from '@jest/globals';
import { eventually } from '../eventually.ts';

describe('eventually', () => {
  it('answers with the first value that is neither undefined nor false, and overlooks errors before it', async () => {
    const attempts: (() => unknown)[] = [
      () => undefined,
      () => false,
      () => {
        throw new Error('not yet');
      },
      () => 0,
    ];

    expect(await eventually(() => attempts.shift()?.(), { timeoutMs: 5_000, intervalMs: 0 })).toBe(0);
  });

  it('names the last error at the deadline, with the error as its cause', async () => {
    const cause = new Error('connection refused');
    const late = eventually(() => Promise.reject(cause), { timeoutMs: 0 });

    await expect(late).rejects.toThrow(
      expect.objectContaining({ message: 'not seen within 0 ms; last: connection refused', cause }),
    );
  });

  it('names the last answer at the deadline', async () => {
    const late = eventually(() => false, { timeoutMs: 0 });

    await expect(late).rejects.toThrow('not seen within 0 ms; the last answer was false');
  });

  it("ends with the signal's reason", async () => {
    const aborted = eventually(() => false, { timeoutMs: 5_000, signal: AbortSignal.abort(new Error('Ctrl-C')) });

    await expect(aborted).rejects.toThrow('Ctrl-C');
  });
});
