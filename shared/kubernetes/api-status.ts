import { STATUS_CODES } from 'node:http';
import type { ApiCall } from './resource-path.ts';

/** What a Status object, or an answer without one, says about a refused request. */
export interface ApiStatus {
  /** The HTTP status, also in the ERROR event of a watch. */
  readonly code: number;
  /** Kubernetes' own word, such as `Expired`; empty when the answer held none. */
  readonly reason: string;
  readonly message: string;
  readonly retryAfterMs?: number;
}

/** The API server (or a proxy before it) refused a request, or ended a watch by an ERROR event. */
export class ApiStatusError extends Error {
  override readonly name = 'ApiStatusError';
  readonly code: number;
  readonly reason: string;
  readonly verb: string;
  readonly resource: string;
  readonly retryAfterMs: number | undefined;

  constructor(call: ApiCall, status: ApiStatus) {
    const word = STATUS_CODES[status.code]?.toLowerCase() ?? 'refused';
    const detail = status.message === '' ? '' : `: ${status.message}`;
    super(`cannot ${call.verb} ${call.resource}: ${word} (${status.code})${detail}`);
    this.code = status.code;
    this.reason = status.reason;
    this.verb = call.verb;
    this.resource = call.resource;
    this.retryAfterMs = status.retryAfterMs;
  }
}

/**
 * Reads a Status object from a parsed body; what it doesn't say comes from the HTTP answer. Anything that is no Status gives
 * the code alone: the error page of a proxy helps nobody in a log line.
 */
export function readStatus(body: unknown, httpCode: number, retryAfterHeader?: string): ApiStatus {
  const status = isStatus(body) ? body : {};
  const retryAfterMs = retryAfter(status.details?.retryAfterSeconds ?? retryAfterHeader);
  return {
    code: typeof status.code === 'number' ? status.code : httpCode,
    reason: typeof status.reason === 'string' ? status.reason : '',
    message: typeof status.message === 'string' ? status.message : '',
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** The resourceVersion or the continue token is too old: only a new LIST helps. */
export function isExpired(error: unknown): boolean {
  // The ERROR event of a watch says so too; `Gone` is the older reason of the same.
  // https://kubernetes.io/docs/reference/using-api/api-concepts/#410-gone-responses
  return hasCode(error, 410) || (error instanceof ApiStatusError && /^(Expired|Gone)$/.test(error.reason));
}

/** The token was not accepted. */
export function isUnauthorized(error: unknown): boolean {
  return hasCode(error, 401);
}

/** RBAC or admission refused the request. */
export function isForbidden(error: unknown): boolean {
  return hasCode(error, 403);
}

/** There is no such object or resource. */
export function isNotFound(error: unknown): boolean {
  return hasCode(error, 404);
}

/** The object was changed in between, or exists already. */
export function isConflict(error: unknown): boolean {
  return hasCode(error, 409);
}

/** API Priority and Fairness has no seat for the request now. */
export function isTooManyRequests(error: unknown): boolean {
  return hasCode(error, 429);
}

/** The API server or what stands behind it failed (500, 502, 503, 504). */
export function isServerError(error: unknown): boolean {
  return error instanceof ApiStatusError && error.code >= 500;
}

interface Status {
  readonly code?: unknown;
  readonly reason?: unknown;
  readonly message?: unknown;
  readonly details?: { readonly retryAfterSeconds?: unknown } | null;
}

function isStatus(body: unknown): body is Status {
  return typeof body === 'object' && body !== null && 'kind' in body && body.kind === 'Status';
}

/** Whole seconds only: the API server sends no dates. */
function retryAfter(seconds: unknown): number | undefined {
  if (typeof seconds === 'number' && seconds > 0) return seconds * 1000;
  return typeof seconds === 'string' && /^\d+$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}

function hasCode(error: unknown, code: number): boolean {
  return error instanceof ApiStatusError && error.code === code;
}
