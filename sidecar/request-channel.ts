import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { redactUrl } from '../shared/settings/kind.ts';
import type { Channel } from './channel.ts';

export interface RequestOptions {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  /** JSON; other text is sent as a JSON string. Only a POST has it. */
  readonly payload: string | undefined;
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
  readonly timeoutMs: number;
}

/** Calls REQ_URL. The application took the notification when it answers with a 2xx status. */
export function requestChannel(options: RequestOptions): Channel {
  const { url, method, payload, credentials } = options;
  const body = method === 'POST' && payload !== undefined ? asJson(payload) : undefined;
  const headers = {
    'user-agent': 'sync-sidecar',
    ...(credentials && { authorization: basicAuthorization(credentials) }),
    ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
  };
  return {
    name: 'REQ_URL',
    target: redactUrl(url),
    deliver: async (signal) => {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]);
      const status = await send(new URL(url), { method, headers, signal: limit }, body);
      if (status < 200 || status > 299)
        throw new Error(`${method} ${redactUrl(url)} was answered with status ${status}`);
    },
  };
}

interface SendOptions {
  readonly method: string;
  readonly headers: Record<string, string | number>;
  readonly signal: AbortSignal;
}

/** Sends a request and reads the answer to its end; answers the status. */
function send(url: URL, options: SendOptions, body: string | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const start = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const fail = (error: Error): void => {
      const cause = options.signal.aborted ? (options.signal.reason as Error) : error;
      reject(new Error(`${options.method} ${redactUrl(url.href)} failed: ${cause.message || cause.name}`, { cause }));
    };
    // A connection of its own: notifications are rare, and the application has closed the last one meanwhile.
    const request = start(url, { ...options, agent: false }, (response) => {
      response
        .on('error', fail)
        .on('end', () => resolve(response.statusCode ?? 0))
        .resume();
    });
    request.on('error', fail).end(body);
  });
}

function asJson(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload));
  } catch {
    return JSON.stringify(payload);
  }
}

/** latin1, as kiwigrid/k8s-sidecar encodes it; https://datatracker.ietf.org/doc/html/rfc7617 leaves the encoding open. */
function basicAuthorization({ username, password }: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'latin1').toString('base64')}`;
}
