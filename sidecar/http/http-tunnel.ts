import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { basicAuthorization, userinfoOf } from './credentials.ts';
import type { TlsOptions } from './tls-trust.ts';

export interface TunnelOptions {
  /** With credentials, where it wants some. */
  readonly proxy: URL;
  /** For a proxy that speaks TLS itself. */
  readonly tls: TlsOptions;
  readonly signal: AbortSignal;
}

/** A proxy makes no connection. */
export class ProxyRefusedError extends Error {
  override readonly name = 'ProxyRefusedError';
  readonly status: number;

  constructor(status: number) {
    super(`the proxy answered with status ${status}`);
    this.status = status;
  }
}

/**
 * Has a proxy connect to the host of an https URL. Not by Node's own `proxyEnv`: that trusts no CA of ours on the way to the proxy, and
 * a proxy that doesn't answer would hold up the end of the process. https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6
 */
export function openTunnel(url: URL, { proxy, tls, signal }: TunnelOptions): Promise<{ readonly socket: Socket }> {
  const authority = `${url.hostname}:${url.port || 443}`;
  const headers = { host: authority, ...proxyAuthorization(proxy) };
  return new Promise((resolve, reject) => {
    const begin = proxy.protocol === 'https:' ? https.request : http.request;
    const asked = begin(proxy, { ...tls, agent: false, method: 'CONNECT', path: authority, headers, signal });
    asked.once('connect', ({ statusCode = 0 }, socket) => {
      if (statusCode >= 200 && statusCode <= 299) return resolve({ socket });
      socket.destroy();
      reject(new ProxyRefusedError(statusCode));
    });
    asked.on('error', reject).end();
  });
}

/** The credentials of a proxy's URL, in UTF-8 as curl and browsers send them. */
export function proxyAuthorization({ href }: URL): { readonly 'proxy-authorization'?: string } {
  const credentials = userinfoOf(href);
  return credentials ? { 'proxy-authorization': basicAuthorization(credentials, 'utf-8') } : {};
}
