import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The application's side: takes notifications, and a time for each of them. */
export interface NotificationTarget extends AsyncDisposable {
  readonly url: string;
  /** How many have come. */
  readonly requests: number;
  /** `performance.now()` of the last one. */
  readonly lastAt: number;
  /** How long an answer takes; Infinity: it never comes. */
  answerAfterMs: number;
}

export async function startNotificationTarget(): Promise<NotificationTarget> {
  const seen = { requests: 0, lastAt: -Infinity };
  const server = createServer((request, response) => {
    seen.requests += 1;
    seen.lastAt = performance.now();
    request.resume();
    if (target.answerAfterMs < Infinity) setTimeout(() => response.end('ok'), target.answerAfterMs);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const target: NotificationTarget = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/reload`,
    get requests() {
      return seen.requests;
    },
    get lastAt() {
      return seen.lastAt;
    },
    answerAfterMs: 0,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return target;
}
