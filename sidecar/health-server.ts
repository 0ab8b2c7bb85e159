import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { kiwigridHealth, liveness, readiness, startup, type SyncStatus, type Verdict } from './health.ts';

export interface HealthServerOptions {
  readonly port: number;
  /** Absent: every address, IPv6 and IPv4. */
  readonly host: string | undefined;
  readonly status: () => readonly SyncStatus[];
  readonly now: () => number;
}

/** Starts to listen; rejects when the port can't be had. Closing ends open connections too. */
export async function startHealthServer(options: HealthServerOptions): Promise<{ port: number; close: () => void }> {
  const server = createServer((request, response) => {
    const { status, body } = answer(request.url ?? '', options);
    const headers = { 'content-type': 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(body) };
    response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body);
  });
  server.listen(options.port, options.host);
  await once(server, 'listening');
  return { port: portOf(server), close: () => server.close().closeAllConnections() };
}

const endpoints: Readonly<Record<string, (syncs: readonly SyncStatus[], now: number) => Verdict>> = {
  '/startupz': startup,
  '/readyz': readiness,
  '/livez': liveness,
  '/healthz': kiwigridHealth,
};

function answer(url: string, { status, now }: HealthServerOptions): Verdict | { status: 404; body: string } {
  const endpoint = endpoints[url.split('?', 1)[0] ?? ''];
  return endpoint ? endpoint(status(), now()) : { status: 404, body: 'Not Found' };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}
