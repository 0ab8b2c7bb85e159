import http from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import https from 'node:https';
import { ApiConnectionError, ApiTimeoutError, parseAnswer } from './api-failure.ts';
import { ApiStatusError, readStatus } from './api-status.ts';
import type { ApiStatus } from './api-status.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { describeCall } from './resource-path.ts';
import type { ApiCall } from './resource-path.ts';
import { RequestLimit, unlessAborted } from './request-limit.ts';

/** Query parameters; an undefined one is left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** A request with one JSON document as its answer. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Query;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** `application/json` unless given; a PATCH needs its own. */
  readonly contentType?: string;
  readonly signal?: AbortSignal;
  /** For everything from the first byte sent to the last received. */
  readonly timeoutMs?: number;
}

/** A LIST or a WATCH, read as it arrives. */
export interface StreamRequest {
  readonly path: string;
  readonly query: Query;
  readonly signal: AbortSignal;
  /** The longest wait for the next byte; the time that the reader takes doesn't count. */
  readonly idleTimeoutMs: number;
  /** Called once the API server has accepted the request. */
  readonly onOpen?: () => void;
}

/** What a client may be told beyond the way to the cluster. */
export interface ApiClientOptions {
  readonly userAgent?: string;
  /** For a whole request, or for the head of a stream's answer. */
  readonly timeoutMs?: number;
}

// Under load the API server lets a request wait up to 15 s for its turn (a quarter of its own limit of 60 s), and answers then.
// https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
const defaultTimeoutMs = 30_000;
// The API server closes connections that were idle for 90 s; ours go first, so that no request meets a closing one.
const idleSocketMs = 60_000;
// client-go's interval: it keeps the watch's connection in the tables of what lies between.
const tcpKeepAliveMs = 30_000;
// A Status is some hundred bytes; the page of a proxy may be anything.
const maxErrorBytes = 64 * 1024;

/**
 * Requests to one API server over connections that are kept alive. Failures are ApiStatusError (refused), ApiConnectionError,
 * ApiTimeoutError and MalformedAnswerError; ClusterAccessError when the token can't be read; the signal's reason when aborted.
 */
export class ApiClient {
  readonly #access: ClusterAccess;
  readonly #agent: http.Agent;
  readonly #begin: typeof http.request;
  readonly #timeoutMs: number;
  readonly #userAgent: string;

  constructor(access: ClusterAccess, options: ApiClientOptions = {}) {
    const protocol = access.server.protocol === 'http:' ? http : https;
    this.#access = access;
    this.#begin = protocol.request;
    this.#agent = new protocol.Agent({ keepAlive: true, keepAliveMsecs: tcpKeepAliveMs, timeout: idleSocketMs });
    this.#timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
    this.#userAgent = options.userAgent ?? 'sync-sidecar';
  }

  /** Sends a request and gives its answer, parsed. */
  async request(request: ApiRequest): Promise<unknown> {
    const call = describeCall(request.method, request.path);
    const timeoutMs = request.timeoutMs ?? this.#timeoutMs;
    using limit = new RequestLimit(request.signal);
    limit.arm(timeoutMs, () => new ApiTimeoutError(call, 'answer', timeoutMs));
    try {
      const response = await this.#send(call, request, limit.signal);
      return parseAnswer(await readText(response));
    } catch (error) {
      throw this.#failure(call, error, limit.signal);
    }
  }

  /** Sends a GET and gives its answer's bytes; it ends when the API server ends the answer, and leaving it early closes it. */
  async *stream(request: StreamRequest): AsyncGenerator<Buffer, void, void> {
    const call = describeCall('GET', request.path, request.query.watch === true);
    const { idleTimeoutMs } = request;
    const silent = () => new ApiTimeoutError(call, 'byte', idleTimeoutMs);
    using limit = new RequestLimit(request.signal);
    limit.arm(this.#timeoutMs, () => new ApiTimeoutError(call, 'answer', this.#timeoutMs));
    try {
      const response = await this.#send(call, { method: 'GET', ...request }, limit.signal);
      request.onOpen?.();
      limit.arm(idleTimeoutMs, silent);
      for await (const chunk of response as AsyncIterable<Buffer>) {
        limit.disarm();
        yield chunk;
        limit.arm(idleTimeoutMs, silent);
      }
    } catch (error) {
      throw this.#failure(call, error, limit.signal);
    }
  }

  /** Closes all connections; requests under way fail. */
  close(): void {
    this.#agent.destroy();
  }

  /** Gives the answer once its head is there; throws ApiStatusError unless it is a success. */
  async #send(call: ApiCall, request: ApiRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const { server } = this.#access;
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const { headers, ...connection } = await unlessAborted(this.#access.connectionOptions(), signal);
    const response = await this.#answer(body, {
      agent: this.#agent,
      ...connection,
      hostname: server.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: server.port,
      path: server.pathname.replace(/\/$/, '') + request.path + queryString(request.query),
      method: request.method,
      signal,
      headers: {
        accept: 'application/json',
        'user-agent': this.#userAgent,
        ...(body !== undefined && {
          'content-type': request.contentType ?? 'application/json',
          'content-length': Buffer.byteLength(body),
        }),
        ...headers,
      },
    });
    if (response.statusCode !== undefined && response.statusCode < 300) return response;
    throw new ApiStatusError(call, explained(await readRefusal(response), this.#access.credentials));
  }

  #answer(body: string | undefined, options: RequestOptions): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      this.#begin(options).once('response', resolve).on('error', reject).end(body);
    });
  }

  /** Says in our own words why an exchange ended; what is said already stays as it is. */
  #failure(call: ApiCall, error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason;
    return isSystemError(error) ? new ApiConnectionError(call, this.#access.server.origin, error) : error;
  }
}

function queryString(query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) parameters.append(key, String(value));
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function readRefusal(response: IncomingMessage): Promise<ApiStatus> {
  const text = await readBounded(response);
  const isJson = response.headers['content-type']?.startsWith('application/json') === true;
  const body = isJson && text !== undefined ? parseAnswer(text) : undefined;
  return readStatus(body, response.statusCode ?? 0, response.headers['retry-after']);
}

/** The whole body, or undefined when it is too long to be a Status. */
async function readBounded(response: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxErrorBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Of a 401 the API server says nothing but "Unauthorized", for whoever sent it: what it was given is known here alone. */
function explained(status: ApiStatus, credentials: string): ApiStatus {
  return status.code === 401 ? { ...status, message: `the API server does not accept ${credentials}` } : status;
}

/** Errors of sockets, TLS, DNS and the HTTP parser have a code of letters: `ECONNREFUSED`, `CERT_HAS_EXPIRED`, `HPE_INVALID…`. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string';
}
