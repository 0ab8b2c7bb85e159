import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Notification {
  method: string;
  path: string;
  body: string;
  /** `performance.now()` when it arrived. */
  at: number;
}

/** The application's side: an HTTP server that takes notifications down and answers 200, or what `answer` says. */
export interface NotificationReceiver {
  url: string;
  notifications: Notification[];
  answer: number;
  close(): Promise<void>;
}

export async function startNotificationReceiver(): Promise<NotificationReceiver> {
  const notifications: Notification[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      notifications.push({ method: request.method ?? '', path: request.url ?? '', body, at: performance.now() });
      response.writeHead(receiver.answer).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const receiver: NotificationReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/reload`,
    notifications,
    answer: 200,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}
