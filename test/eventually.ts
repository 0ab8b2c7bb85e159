import { setTimeout as sleep } from 'node:timers/promises';
import { errorMessage } from '../shared/error-message.ts';

export interface EventuallyOptions {
  timeoutMs: number;
  /** Pause between two checks. 50 ms unless told: short beside what is waited for, long beside what a check costs. */
  intervalMs?: number;
  signal?: AbortSignal;
}

/**
 * Repeats `check` until it neither throws nor answers undefined or false, and returns its answer. At the deadline it throws an
 * error that names what was last seen, with the last error as `cause`. An abort of `signal` ends it with the signal's reason.
 */
export async function eventually<T>(
  check: () => Promise<T> | T,
  { timeoutMs, intervalMs = 50, signal }: EventuallyOptions,
): Promise<Exclude<T, undefined | false>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    const seen = await attempt(check);
    if (isSuccess(seen)) return seen.value;
    if (performance.now() >= deadline) throw notInTime(seen, timeoutMs);
    await sleep(intervalMs);
  }
}

type Seen<T> = { value: T } | { error: unknown };

async function attempt<T>(check: () => Promise<T> | T): Promise<Seen<T>> {
  try {
    return { value: await check() };
  } catch (error) {
    return { error };
  }
}

function isSuccess<T>(seen: Seen<T>): seen is { value: Exclude<T, undefined | false> } {
  return 'value' in seen && seen.value !== undefined && seen.value !== false;
}

function notInTime(seen: Seen<unknown>, timeoutMs: number): Error {
  if ('value' in seen) return new Error(`not seen within ${timeoutMs} ms; the last answer was ${String(seen.value)}`);
  const { error } = seen;
  const message = errorMessage(error);
  return new Error(`not seen within ${timeoutMs} ms; last: ${message}`, { cause: error });
}
