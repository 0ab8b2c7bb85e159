import { timerMs } from '../shared/backoff.ts';

/** Something that one side waits for and the other one lets happen; it stays pulled until it is reset. */
export class Trigger {
  #pulled = Promise.withResolvers<void>();

  pull(): void {
    this.#pulled.resolve();
  }

  reset(): void {
    this.#pulled = Promise.withResolvers<void>();
  }

  /** Waits until it is pulled, `signal` is aborted, or `ms` milliseconds (24 days at most) have passed. */
  async pulled(signal: AbortSignal, ms = Infinity): Promise<void> {
    const end = Promise.withResolvers<void>();
    const finish = (): void => end.resolve();
    const timer = Number.isFinite(ms) ? setTimeout(finish, timerMs(ms)) : undefined;
    signal.addEventListener('abort', finish);
    if (signal.aborted) finish();
    await Promise.race([this.#pulled.promise, end.promise]);
    clearTimeout(timer);
    signal.removeEventListener('abort', finish);
  }
}
