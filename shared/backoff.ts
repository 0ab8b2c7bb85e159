import { setTimeout as timer } from 'node:timers/promises';

/** How long to wait between attempts, in milliseconds. */
export interface Backoff {
  readonly firstMs: number;
  readonly capMs: number;
}

/**
 * The wait before the next attempt in milliseconds, when `failures` (1, 2, …) attempts in a row have failed: it doubles from
 * `firstMs` to `capMs`, and `random` (in [0, 1)) takes off up to half of it, so that replicas that failed together don't
 * return together.
 */
export function backoffMs(failures: number, random: () => number, { firstMs, capMs }: Backoff): number {
  const full = Math.min(capMs, firstMs * 2 ** (failures - 1));
  return Math.round(full * (1 - random() / 2));
}

/**
 * Waits `ms` milliseconds (24 days at most), or until `signal` is aborted: it resolves in both cases, the caller's loop looks at the
 * signal.
 */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await timer(timerMs(ms), undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

// Node's timers take at most a signed 32-bit number of milliseconds; they fire at once after a longer time, and warn of a negative one.
const longestTimerMs = 2 ** 31 - 1;

/** The nearest time that a timer takes. */
export function timerMs(ms: number): number {
  return Math.min(Math.max(ms, 0), longestTimerMs);
}
