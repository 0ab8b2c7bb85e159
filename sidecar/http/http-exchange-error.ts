/** How far an exchange came: no connection, a connection but no whole answer, or an answer that can't be taken. */
export type ExchangePhase = 'connect' | 'read' | 'answer';

export interface ExchangeErrorOptions extends ErrorOptions {
  readonly phase: ExchangePhase;
  /** Of the answer or of the proxy's, where it is the fault. */
  readonly status?: number | undefined;
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

/** An answer came and can't be taken; the message goes on from "GET http://…", and nothing in it is the answer's. */
export class UnusableAnswerError extends Error {
  override readonly name = 'UnusableAnswerError';
  readonly answer: Pick<ExchangeErrorOptions, 'status' | 'retryAfterMs'>;

  constructor(message: string, answer: Pick<ExchangeErrorOptions, 'status' | 'retryAfterMs'> = {}) {
    super(message);
    this.answer = answer;
  }
}
