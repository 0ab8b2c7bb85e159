import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Notification {
  method: string;
  path: string;
  body: string;
  /** The header, or undefined. */
  authorization: string | undefined;
  /** `performance.now()` when it arrived. */
  at: number;
}

/** The application's side: an HTTP server that takes notifications down and answers 200, or what `answer` says. */
export interface NotificationReceiver {
  url: string;
  notifications: Notification[];
  /** The status, or no answer at all. */
  answer: number | 'none';
  /** The body of the answer. */
  body: string;
  /** Where a redirect leads. */
  location: string;
  close(): Promise<void>;
}

/** Listens on a free port, or on this one. */
export async function startNotificationReceiver(port = 0): Promise<NotificationReceiver> {
  const notifications: Notification[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method = '', url: path = '', headers } = request;
      notifications.push({ method, path, body, authorization: headers.authorization, at: performance.now() });
      const { answer, location } = receiver;
      if (answer !== 'none') response.writeHead(answer, location === '' ? {} : { location }).end(receiver.body);
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const receiver: NotificationReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/reload`,
    notifications,
    answer: 200,
    body: '',
    location: '',
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}
