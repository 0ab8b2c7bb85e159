import http, { type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { startWebServer, type WebServer, type WebServerOptions } from './web-server.ts';

/** An HTTP proxy on a loopback port that leads every host to a port of this machine. */
export interface ForwardProxy {
  /** `http://127.0.0.1:<port>`, with `https` where it has a certificate. */
  readonly origin: string;
  /** What it was asked for, such as `CONNECT a.example:443` or `GET http://a.example/`. */
  readonly asked: string[];
  /** The `proxy-authorization` headers that came. */
  readonly authorizations: (string | undefined)[];
  close(): Promise<void>;
}

export async function startForwardProxy(target: WebServer, options?: WebServerOptions): Promise<ForwardProxy> {
  const web = await startWebServer(options);
  const asked: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const tunnels = new Set<Socket>();
  const note = (method: string, what: string, headers: IncomingMessage['headers']): void => {
    asked.push(`${method} ${what}`);
    authorizations.push(headers['proxy-authorization']);
  };
  web.answer = ({ method, path, headers, body }, response) => {
    note(method, path, headers);
    const { pathname, search } = new URL(path);
    const { 'proxy-authorization': _authorization, 'proxy-connection': _connection, ...onward } = headers;
    const there = { host: '127.0.0.1', port: target.port, path: pathname + search, method, headers: onward };
    const forwarded = http.request({ ...there, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.writeHead(502).end()).end(body);
  };
  web.server.on('connect', (request: IncomingMessage, socket: Socket) => {
    note('CONNECT', request.url ?? '', request.headers);
    const onward = connect(target.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [socket, onward]) tunnels.add(end.on('error', () => undefined));
  });
  return {
    origin: web.origin,
    asked,
    authorizations,
    close: () => {
      for (const end of tunnels) end.destroy();
      return web.close();
    },
  };
}
