import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { RequestLimit, unlessAborted } from '../../shared/kubernetes/request-limit.ts';
import { redactUrl } from '../../shared/settings/kind.ts';
import type { AddressGuard } from './address-guard.ts';
import { acceptedEncodings, discardBody, readBody } from './answer-body.ts';
import { HttpExchangeError, UnusableAnswerError, type ExchangePhase } from './http-exchange-error.ts';
import { send } from './http-send.ts';
import { ProxyRefusedError } from './http-tunnel.ts';
import { firstHop, nextHop, type Hop } from './redirect.ts';
import { retryAfterMs } from './retry-after.ts';
import { TlsTrust } from './tls-trust.ts';

export interface ExchangeRequest {
  /** Userinfo in it is not sent: who wants it sent gives it as `authorization`. */
  readonly url: string;
  readonly method: 'GET' | 'POST';
  /** JSON; only for a POST. For the scheme, host and port of `url` alone: a redirect that takes it elsewhere is a failure. */
  readonly body?: string | undefined;
  /** For the scheme, host and port of `url` alone. */
  readonly authorization?: string | undefined;
  /** Headers that make the request conditional; for the URL alone that the answer came from with which they were given. */
  readonly condition?: Condition | undefined;
  /** The body of the answer is kept up to this length, and has to be whole; without it nothing is kept, and the head is enough. */
  readonly maxBytes?: number;
  /** What may be connected to; anything where it is left out. */
  readonly guard?: AddressGuard;
  /** For the whole exchange, with all redirects, to the last byte that is kept. */
  readonly timeoutMs: number;
}

export interface Condition {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** An answer with a 2xx status (200 or 203 where its body is kept), or 304 to a conditional request. */
export interface ExchangeAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Decoded; empty where it is not kept. */
  readonly body: Buffer;
  /** Where the answer came from, after all redirects. */
  readonly url: string;
}

export interface HttpExchangerOptions {
  /** Proxies and CA files are read from it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly skipTlsVerify: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

// Enough for every honest chain; browsers follow twice as many.
const maxRedirects = 10;

/** How far an exchange has come. */
interface Progress {
  readonly request: ExchangeRequest;
  readonly signal: AbortSignal;
  hop: Hop;
  phase: ExchangePhase;
}

/** Makes requests, each over connections of its own: they are rare, and a server has closed the last one meanwhile. */
export class HttpExchanger {
  readonly #options: HttpExchangerOptions;
  readonly #trust: TlsTrust;

  constructor(options: HttpExchangerOptions) {
    this.#options = options;
    this.#trust = new TlsTrust(options);
  }

  /** Sends a request and takes the answer; rejects with an HttpExchangeError for everything but success. */
  async exchange(request: ExchangeRequest, signal: AbortSignal): Promise<ExchangeAnswer> {
    using limit = new RequestLimit(signal);
    limit.arm(request.timeoutMs, () => new Error(`no whole answer within ${request.timeoutMs} ms`));
    const hop = firstHop(request.url, request.method, request.body !== undefined);
    const progress: Progress = { request, signal: limit.signal, hop, phase: 'connect' };
    try {
      return await this.#follow(progress);
    } catch (error) {
      throw failure(progress, error);
    }
  }

  async #follow(progress: Progress): Promise<ExchangeAnswer> {
    for (let redirects = 0; redirects <= maxRedirects; redirects++) {
      const response = await this.#send(progress);
      const next = nextHop(progress.hop, response.statusCode ?? 0, response.headers.location);
      if (next === null) return await this.#take(response, progress);
      response.destroy();
      if (next === undefined) throw new UnusableAnswerError('was redirected to what is no http or https URL');
      if (next.hasBody && !next.isFirstOrigin) {
        throw new UnusableAnswerError('was redirected to another scheme, host or port, where its body must not go');
      }
      progress.hop = next;
    }
    throw new UnusableAnswerError(`was redirected more than ${maxRedirects} times`);
  }

  #send(progress: Progress): Promise<IncomingMessage> {
    const { request, hop, signal } = progress;
    progress.phase = 'connect';
    const onConnected = (): void => {
      progress.phase = 'read';
    };
    const body = hop.hasBody ? request.body : undefined;
    const outgoing = { ...hop, headers: headersOf(request, hop), body, guard: request.guard, signal, onConnected };
    return unlessAborted(send(outgoing, { ...this.#options, trust: this.#trust }), signal);
  }

  async #take(response: IncomingMessage, { request, hop, signal }: Progress): Promise<ExchangeAnswer> {
    const { statusCode: status = 0, headers } = response;
    const isUnchanged = status === 304 && conditionFor(request, hop) !== undefined;
    if (!isSuccess(status, request) && !isUnchanged) {
      response.destroy();
      const retryAfter = retryAfterMs(headers, this.#options.now());
      throw new UnusableAnswerError(`was answered with status ${status}`, { status, retryAfterMs: retryAfter });
    }
    const answer = { status, headers, url: hop.url.href };
    if (request.maxBytes !== undefined && !isUnchanged) {
      return { ...answer, body: await unlessAborted(readBody(response, request.maxBytes), signal) };
    }
    await discardBody(response);
    return { ...answer, body: Buffer.alloc(0) };
  }
}

// The answers with a whole content; an empty one (204, 205) or a part of one (206) is no file.
const withContent = [200, 203];

function isSuccess(status: number, { maxBytes }: ExchangeRequest): boolean {
  return maxBytes === undefined ? status >= 200 && status <= 299 : withContent.includes(status);
}

function headersOf(request: ExchangeRequest, hop: Hop): OutgoingHttpHeaders {
  const { body, authorization, maxBytes } = request;
  return {
    'user-agent': 'sync-sidecar',
    accept: '*/*',
    ...(maxBytes !== undefined && { 'accept-encoding': acceptedEncodings }),
    ...(hop.hasBody && {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body ?? ''),
    }),
    ...(hop.isFirstOrigin && authorization !== undefined && { authorization }),
    ...conditionFor(request, hop),
  };
}

function conditionFor({ condition }: ExchangeRequest, { url }: Hop): Condition['headers'] | undefined {
  return condition?.url === url.href ? condition.headers : undefined;
}

/** Says in our own words why an exchange did not succeed. */
function failure({ request, hop, phase, signal }: Progress, error: unknown): HttpExchangeError {
  const origin = new URL(request.url).origin;
  const onward = hop.url.origin === origin ? '' : ` (redirected to ${hop.url.origin})`;
  const what = `${request.method} ${redactUrl(request.url)}${onward}`;
  if (error instanceof UnusableAnswerError) {
    return new HttpExchangeError(`${what} ${error.message}`, { phase: 'answer', ...error.answer });
  }
  const cause = (signal.aborted ? signal.reason : error) as Error & { code?: string };
  const message = `${what} failed: ${reasonOf(cause)}`;
  const status = cause instanceof ProxyRefusedError ? cause.status : undefined;
  // The HTTP parser's errors have the bytes with them that it could not parse.
  return new HttpExchangeError(message, { phase, status, ...('rawPacket' in cause ? {} : { cause }) });
}

/** Node's hint for who starts it by hand helps nobody with a container. */
function reasonOf({ message, code, name }: Error & { code?: string }): string {
  return message.replace(/; if the root CA is installed locally.*$/, '') || code || name;
}
