import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Server } from './server.ts';
import { issueCa } from './tls/certificate.ts';
import type { KeyPairPem } from './tls/certificate.ts';

let first: KeyPairPem;
let second: KeyPairPem;
let agent: https.Agent;

beforeAll(async () => {
  const options = { now: Date.now(), lifetimeMs: 60 * 60_000 };
  [first, second] = await Promise.all([
    issueCa({ commonName: 'first', ...options }),
    issueCa({ commonName: 'second', ...options }),
  ]);
});

beforeEach(() => {
  // The subject of the certificate is what these tests look at, not whether it can be trusted.
  agent = new https.Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
});

afterEach(() => agent.destroy());

describe('Server', () => {
  it('serves new connections with a new certificate and keeps those that exist', async () => {
    const { server, port } = await listening((_request, response) => response.end());
    const before = await get(port);
    server.useCertificate(second);

    const same = await get(port);
    agent.destroy();
    const after = await get(port);

    expect([before, same, after].map(({ servedBy }) => servedBy)).toEqual(['first', 'first', 'second']);
    await server.close(1000);
  });

  it('lets clients keep a connection longer than the API server wants to', async () => {
    const { server, port } = await listening((_request, response) => response.end());

    expect((await get(port)).headers['keep-alive']).toBe('timeout=95');
    await server.close(1000);
  });

  it('gives a client ten seconds for the head of a request, and thirty for all of it', async () => {
    const { promise: asked, resolve: ask } = Promise.withResolvers<IncomingMessage>();
    const { server, port } = await listening((request, response) => {
      ask(request);
      response.end();
    });
    await get(port);
    const { socket } = (await asked) as { socket: { server?: https.Server } };
    await server.close(1000);

    // Node counts the time by these: waiting for it would take as long.
    expect(socket.server).toMatchObject({ headersTimeout: 10_000, requestTimeout: 30_000 });
  });

  it('refuses TLS below 1.2', async () => {
    const { server, port } = await listening((_request, response) => response.end());
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;

    await expect(once(https.get({ port, agent, ...old }), 'response')).rejects.toThrow('alert protocol version');
    await server.close(1000);
  });

  it('finishes a request under way when it closes, and then does not wait for the idle connection', async () => {
    const { promise: asked, resolve: ask } = Promise.withResolvers<ServerResponse>();
    const { server, port } = await listening((_request, response) => ask(response));
    const answer = get(port);
    const response = await asked;

    const closed = server.close(60_000);
    response.end();

    expect((await answer).statusCode).toBe(200);
    await closed;
  });

  it('cuts a request that does not finish in time', async () => {
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    const { server, port } = await listening(() => ask());
    const answer = get(port);
    const cut = expect(answer).rejects.toMatchObject({ code: 'ECONNRESET' });
    await asked;

    await server.close(20);

    await cut;
  });

  it('cuts a connection that has not finished its TLS handshake in time', async () => {
    const server = new Server({ app: () => undefined, certificate: first, patience: endlessPatience });
    const connection = net.connect(await server.listen(0, '127.0.0.1'), '127.0.0.1').on('error', () => undefined);
    // What begins a TLS record, and not more.
    await new Promise((resolve) => connection.write('\x16', resolve));
    const cut = once(connection, 'close');

    await server.close(20);

    await cut;
  });

  it('says when it cannot listen', async () => {
    const { server, port } = await listening((_request, response) => response.end());
    const late = new Server({ app: () => undefined, certificate: first });

    await expect(late.listen(port, '127.0.0.1')).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await server.close(1000);
  });
});

const endlessPatience = { handshakeMs: 600_000, headersMs: 600_000, requestMs: 600_000, checkMs: 2000 };

async function listening(app: RequestListener) {
  const server = new Server({ app, certificate: first });
  return { server, port: await server.listen(0, '127.0.0.1') };
}

async function get(port: number) {
  const [response] = (await once(https.get({ port, agent }), 'response')) as [IncomingMessage];
  const servedBy = (response.socket as TLSSocket).getPeerCertificate().subject.CN;
  response.resume();
  await once(response, 'end');
  return { statusCode: response.statusCode, headers: response.headers, servedBy };
}
