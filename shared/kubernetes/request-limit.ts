/** Ends one request: when its caller's signal is aborted, or when an armed deadline passes. Dispose of it when the request is over. */
export class RequestLimit implements Disposable {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #forward = () => this.#controller.abort(this.#outer?.reason);
  #timer: NodeJS.Timeout | undefined;

  constructor(outer: AbortSignal | undefined) {
    this.#outer = outer;
    if (outer?.aborted) this.#forward();
    outer?.addEventListener('abort', this.#forward);
  }

  /** Aborted with the caller's reason, or with the deadline's error. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Sets the deadline, in place of an earlier one. */
  arm(ms: number, error: () => Error): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#controller.abort(error()), ms);
  }

  /** Takes the deadline away. */
  disarm(): void {
    clearTimeout(this.#timer);
  }

  [Symbol.dispose](): void {
    this.disarm();
    this.#outer?.removeEventListener('abort', this.#forward);
  }
}

/** Waits for something that knows no signal, such as a credential plugin; rejects with the signal's reason when that comes first. */
export async function unlessAborted<T>(waited: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    return await Promise.race([waited, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
