import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from '../../shared/log/log.ts';
import { kiwigridHealth, liveness, readiness, startup, type SyncStatus, type Verdict } from './health.ts';

export interface HealthServerOptions {
  readonly port: number;
  /** Absent: every address, IPv6 and IPv4. */
  readonly host: string | undefined;
  readonly status: () => readonly SyncStatus[];
  readonly metrics: () => Promise<{ readonly contentType: string; readonly body: string }>;
  readonly log: Logger;
  readonly now: () => number;
}

/** Starts to listen; rejects when the port can't be had. Closing ends open connections too. */
export async function startHealthServer(options: HealthServerOptions): Promise<{ port: number; close: () => void }> {
  const server = createServer((request, response) => void respond(request, response, options));
  // Without a host Node listens on `::`, for IPv4 too, and on a kernel without IPv6 on 0.0.0.0.
  server.listen(options.port, options.host);
  await once(server, 'listening');
  server.on('error', (err) => options.log.error({ err }, 'the health server failed'));
  return { port: portOf(server), close: () => server.close().closeAllConnections() };
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const plainText = 'text/plain; charset=utf-8';

const endpoints: ReadonlyMap<string, (syncs: readonly SyncStatus[], now: number) => Verdict> = new Map([
  ['/startupz', startup],
  ['/readyz', readiness],
  ['/livez', liveness],
  ['/healthz', kiwigridHealth],
]);

/** Never rejects: what breaks one answer breaks nothing else. */
async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  options: HealthServerOptions,
): Promise<void> {
  const send = ({ status, body, headers }: Answer): void => {
    const length = Buffer.byteLength(body);
    response.writeHead(status, { 'content-type': plainText, 'content-length': length, ...headers });
    response.end(request.method === 'HEAD' ? undefined : body);
  };
  try {
    send(await answer(request, options));
  } catch (err) {
    options.log.error({ err }, 'the health server could not answer');
    send({ status: 500, body: 'Internal Server Error' });
  }
}

async function answer({ url = '', method = '' }: IncomingMessage, options: HealthServerOptions): Promise<Answer> {
  const path = url.split('?', 1)[0] ?? '';
  const endpoint = endpoints.get(path);
  if (!endpoint && path !== '/metrics') return { status: 404, body: 'Not Found' };
  if (!['GET', 'HEAD'].includes(method)) {
    return { status: 405, body: 'Method Not Allowed', headers: { allow: 'GET, HEAD' } };
  }
  return endpoint ? endpoint(options.status(), options.now()) : answerScrape(options);
}

async function answerScrape({ metrics }: HealthServerOptions): Promise<Answer> {
  const { contentType, body } = await metrics();
  return { status: 200, body, headers: { 'content-type': contentType } };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}
