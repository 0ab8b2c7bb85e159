/** How far an exchange came: no connection, a connection but no whole answer, or an answer that can't be taken. */
export type ExchangePhase = 'connect' | 'read' | 'answer';

export interface ExchangeErrorOptions extends ErrorOptions {
  readonly phase: ExchangePhase;
  /** Of the answer, where it is the fault. */
  readonly status?: number;
  /** Milliseconds after which the server wants to be asked again, where it said so. */
  readonly retryAfterMs?: number | undefined;
}

/** An HTTP exchange did not succeed. Nothing in it is secret: no userinfo, path or query of a URL, no byte of a body. */
export class HttpExchangeError extends Error {
  override readonly name = 'HttpExchangeError';
  readonly phase: ExchangePhase;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, { phase, status, retryAfterMs, ...options }: ExchangeErrorOptions) {
    super(message, options);
    this.phase = phase;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}
