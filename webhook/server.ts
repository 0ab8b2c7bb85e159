import { once } from 'node:events';
import https from 'node:https';
import type { RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { refuseOddTargets } from './request-target.ts';
import type { KeyPairPem } from './tls/certificate.ts';

/** What the server begins with. */
export interface ServerOptions {
  app: RequestListener;
  /** The first serving certificate. */
  certificate: KeyPairPem;
  patience?: Patience;
}

/** How long a client may take, in milliseconds: for the TLS handshake, the head of a request, and the whole of it. */
export interface Patience {
  readonly handshakeMs: number;
  readonly headersMs: number;
  readonly requestMs: number;
  /** How often to look who has taken longer. */
  readonly checkMs: number;
}

/** The HTTPS server. Opens no port before `listen`. */
export class Server {
  readonly #https: https.Server;
  /** All of them: https itself knows only those that are past the TLS handshake. */
  readonly #connections = new Set<Socket>();

  constructor({ app, certificate, patience = usualPatience }: ServerOptions) {
    this.#https = https.createServer({ ...timeouts(patience), ...tlsOptions(certificate) }, refuseOddTargets(app));
    this.#https.on('connection', (connection: Socket) => {
      this.#connections.add(connection);
      connection.once('close', () => this.#connections.delete(connection));
    });
  }

  /** Starts to listen and returns the port; 0 takes a free one. Without `host` on all addresses. */
  async listen(port: number, host?: string): Promise<number> {
    this.#https.listen(port, host);
    await once(this.#https, 'listening');
    return (this.#https.address() as AddressInfo).port;
  }

  /** Serves new connections with this certificate. Those that exist keep the one they began with. */
  useCertificate(certificate: KeyPairPem): void {
    this.#https.setSecureContext(tlsOptions(certificate));
  }

  /** Refuses new connections, lets the requests under way finish, and cuts what is left after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    const closed = once(this.#https, 'close');
    this.#https.close(); // and with it the connections that are idle now
    const becomingIdle = setInterval(() => this.#https.closeIdleConnections(), 50);
    const rest = setTimeout(() => this.#connections.forEach((connection) => connection.destroy()), graceMs);
    await closed;
    clearInterval(becomingIdle);
    clearTimeout(rest);
  }
}

/**
 * An API server sends a review at once. Who takes longer is none, or has no network to speak of, and must not hold a connection for
 * long. A review may still be long in coming: `timeoutSeconds` of a webhook is 30 at most.
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#timeouts
 */
const usualPatience: Patience = { handshakeMs: 10_000, headersMs: 10_000, requestMs: 30_000, checkMs: 2000 };

function timeouts({ handshakeMs, headersMs, requestMs, checkMs }: Patience): https.ServerOptions {
  return {
    // The API server closes its idle connections after 90 s (IdleConnTimeout of Go's http.DefaultTransport). We must do it later: it
    // would send a review into a connection that is being closed, and that pod would be refused.
    // https://github.com/kubernetes/kubernetes/blob/v1.36.3/staging/src/k8s.io/apimachinery/pkg/util/net/http.go
    keepAliveTimeout: 95_000,
    handshakeTimeout: handshakeMs,
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: checkMs,
  };
}

function tlsOptions({ certificate, privateKey }: KeyPairPem): https.ServerOptions {
  // Every API server since 1.30 speaks TLS 1.3; 1.2 is for those that are told to stay below.
  return { cert: certificate, key: privateKey, minVersion: 'TLSv1.2' };
}
