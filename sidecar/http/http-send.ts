import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import { TLSSocket } from 'node:tls';
import type { AddressGuard } from './address-guard.ts';
import { openTunnel, proxyAuthorization } from './http-tunnel.ts';
import { proxyFor } from './proxies.ts';
import type { TlsTrust } from './tls-trust.ts';

/** What every connection is made with. */
export interface ConnectionSettings {
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly trust: TlsTrust;
}

export interface OutgoingRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string | undefined;
  readonly guard: AddressGuard | undefined;
  readonly signal: AbortSignal;
  /** Called once there is a connection, with TLS where the URL says so. */
  readonly onConnected: () => void;
}

/** Sends one request over a connection of its own; gives the answer once its head is there. */
export async function send(
  request: OutgoingRequest,
  { environment, trust }: ConnectionSettings,
): Promise<IncomingMessage> {
  const { url, guard, method, headers, signal } = request;
  guard?.checkName(url.hostname);
  const proxy = proxyFor(url, environment);
  const tls = await trust.optionsFor(url, proxy);
  const options = { ...tls, agent: false, method, headers, signal } as const;
  if (!proxy) {
    guard?.checkLiteral(url.hostname);
    return begin(request, url, { ...options, ...(guard && { lookup: guard.lookup }) });
  }
  // A proxy may have any address; what it is asked for is judged by the address that it has here.
  await guard?.checkHost(url.hostname);
  const behind = { ...request, guard: undefined };
  if (url.protocol === 'https:')
    return begin(behind, url, { ...options, ...(await openTunnel(url, { proxy, tls, signal })) });
  return begin(behind, proxy, {
    ...options,
    path: url.href,
    headers: { ...headers, host: url.host, ...proxyAuthorization(proxy) },
  });
}

function begin(request: OutgoingRequest, to: URL, options: https.RequestOptions): Promise<IncomingMessage> {
  const { body, guard, onConnected } = request;
  return new Promise((resolve, reject) => {
    const sent = (to.protocol === 'https:' ? https : http).request(to, options);
    sent.once('response', resolve).on('error', reject);
    sent.once('socket', (socket) => {
      socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', onConnected);
      socket.once('connect', () => {
        try {
          guard?.check(socket.remoteAddress ?? '', to.hostname);
        } catch (error) {
          socket.destroy(error as Error);
        }
      });
    });
    sent.end(body);
  });
}
