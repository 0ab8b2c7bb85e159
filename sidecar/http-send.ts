import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import { TLSSocket } from 'node:tls';
import type { AddressGuard } from './address-guard.ts';
import { proxyFor } from './proxies.ts';
import type { TrustedCertificates } from './trusted-certificates.ts';

/** What every connection is made with. */
export interface ConnectionSettings {
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly skipTlsVerify: boolean;
  readonly certificates: TrustedCertificates;
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
export async function send(request: OutgoingRequest, settings: ConnectionSettings): Promise<IncomingMessage> {
  const proxy = proxyFor(request.url, settings.environment);
  const secureContext = await settings.certificates.secureContext();
  // A proxy may have any address. What it is asked for is judged by the address that it has here.
  if (proxy !== undefined) await request.guard?.checkHost(request.url.hostname);
  else request.guard?.checkLiteral(request.url.hostname);
  const agentOptions = {
    keepAlive: false,
    ...(proxy !== undefined && { proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } }),
  };
  const tls = { rejectUnauthorized: !settings.skipTlsVerify, ...(secureContext && { secureContext }) };
  const isSecure = request.url.protocol === 'https:';
  const agent = isSecure ? new https.Agent({ ...agentOptions, ...tls }) : new http.Agent({ ...agentOptions, ...tls });
  return begin(request, { agent, start: isSecure ? https.request : http.request, isDirect: proxy === undefined });
}

interface Way {
  readonly agent: http.Agent;
  readonly start: typeof http.request;
  /** Whether the other end of the connection is the URL's host. */
  readonly isDirect: boolean;
}

function begin(request: OutgoingRequest, { agent, start, isDirect }: Way): Promise<IncomingMessage> {
  const { url, method, headers, body, signal, guard, onConnected } = request;
  return new Promise((resolve, reject) => {
    const lookup = isDirect && guard ? { lookup: guard.lookup } : {};
    const sent = start(url, { agent, method, headers, signal, ...lookup });
    sent.once('response', resolve).on('error', reject);
    sent.once('socket', (socket) => {
      socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', onConnected);
      if (!isDirect || !guard) return;
      socket.once('connect', () => {
        try {
          guard.check(socket.remoteAddress ?? '', url.hostname);
        } catch (error) {
          socket.destroy(error as Error);
        }
      });
    });
    sent.end(body);
  });
}
