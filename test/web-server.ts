import { once } from 'node:events';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Answer = (request: ReceivedRequest, response: ServerResponse) => void;

/** A web server on a loopback port; it answers as `answer` says, 200 without a body at first. */
export interface WebServer {
  readonly port: number;
  /** `http://127.0.0.1:<port>`, with `https` where it has a certificate. */
  readonly origin: string;
  readonly received: ReceivedRequest[];
  readonly server: HttpServer;
  answer: Answer;
  /** Connections made so far. */
  connections: number;
  close(): Promise<void>;
}

export interface WebServerOptions {
  readonly tls?: { readonly certificate: string; readonly privateKey: string };
  /** To be the same server again after a restart. */
  readonly port?: number;
}

export async function startWebServer({ tls, port = 0 }: WebServerOptions = {}): Promise<WebServer> {
  const received: ReceivedRequest[] = [];
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url: path = '', headers } = request;
    const one = { method, path, headers, body: await text(request) };
    received.push(one);
    web.answer(one, response);
  };
  const listener = (request: IncomingMessage, response: ServerResponse): void => void receive(request, response);
  const server = tls
    ? createHttpsServer({ cert: tls.certificate, key: tls.privateKey }, listener)
    : createHttpServer(listener);
  server.on('connection', () => web.connections++);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: taken } = server.address() as AddressInfo;
  const web: WebServer = {
    port: taken,
    origin: `${tls ? 'https' : 'http'}://127.0.0.1:${taken}`,
    received,
    server,
    answer: (_request, response) => void response.end(),
    connections: 0,
    close: async () => {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return web;
}
