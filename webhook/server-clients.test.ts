import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { recordingLog } from '../test/recording-log.ts';
import { allowed } from './admission-review.ts';
import { createApp } from './app.ts';
import { Server, type Patience } from './server.ts';
import { issueCa, type KeyPairPem } from './tls/certificate.ts';

const review = JSON.stringify({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: { uid: '705ab4f5', kind: { version: 'v1', kind: 'Pod' }, operation: 'CREATE', object: { spec: {} } },
});
// Short beside the time that a test may take, long beside what the machine needs for a request.
const shortPatience = { handshakeMs: 1000, headersMs: 1000, requestMs: 2000, checkMs: 20 };

let certificate: KeyPairPem;
let server: Server;
let port: number;
let log: ReturnType<typeof recordingLog>;
let sockets: net.Socket[];

beforeAll(async () => {
  certificate = await issueCa({ commonName: 'any', now: Date.now(), lifetimeMs: 60 * 60_000 });
});

beforeEach(async () => {
  log = recordingLog();
  sockets = [];
  await serve(shortPatience);
});

/** Without patience: that of the product. */
async function serve(patience?: Patience): Promise<void> {
  const app = createApp({ review: allowed, advise: allowed, notReadyReason: () => null, log: log.log });
  server = new Server({ app, certificate, ...(patience && { patience }) });
  port = await server.listen(0, '127.0.0.1');
}

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await server.close(0);
});

/** A client that says nothing by itself. */
async function connect({ plain = false } = {}): Promise<net.Socket> {
  const options = { port, host: '127.0.0.1' };
  const socket = plain ? net.connect(options) : tls.connect({ ...options, rejectUnauthorized: false });
  // Whatever becomes of it: what matters is what the server says.
  sockets.push(socket.on('error', () => undefined));
  await once(socket, plain ? 'connect' : 'secureConnect');
  return socket;
}

/** What the server says until it ends the connection, or breaks it off. */
function everythingFrom(socket: net.Socket): Promise<string> {
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
  return new Promise((resolve) => socket.once('close', () => resolve(text)));
}

/** Says something again and again, as long as there is somebody to say it to. */
function drip(socket: net.Socket, drop: string): void {
  const drops = setInterval(() => socket.write(drop), 50);
  socket.once('close', () => clearInterval(drops));
}

async function statusLineFrom(socket: net.Socket): Promise<string> {
  return (await everythingFrom(socket)).split('\r\n', 1)[0] ?? '';
}

function head(length: number, ...more: string[]): string {
  const lines = ['POST /mutate HTTP/1.1', 'host: x', 'content-type: application/json', `content-length: ${length}`];
  return [...lines, ...more, '', ''].join('\r\n');
}

/** A client that does everything right. */
async function askOnce(): Promise<string> {
  const socket = await connect();
  socket.write(head(review.length, 'connection: close') + review);
  return statusLineFrom(socket);
}

describe('a client that', () => {
  it('speaks no TLS is cut off', async () => {
    const socket = await connect({ plain: true });
    socket.write(head(0));

    expect(await everythingFrom(socket)).not.toContain('HTTP');
  });

  it('never begins with TLS is cut off', async () => {
    const socket = await connect({ plain: true });

    expect(await everythingFrom(socket)).toBe('');
  });

  it('says nothing after the handshake is told that it takes too long', async () => {
    expect(await statusLineFrom(await connect())).toBe('HTTP/1.1 408 Request Timeout');
  });

  it('sends headers drop by drop is told that it takes too long', async () => {
    const socket = await connect();
    socket.write('POST /mutate HTTP/1.1\r\n');
    drip(socket, 'a: b\r\n');

    expect(await statusLineFrom(socket)).toBe('HTTP/1.1 408 Request Timeout');
  });

  it('sends a body drop by drop is told that it takes too long', async () => {
    const socket = await connect();
    socket.write(head(1_000_000));
    drip(socket, ' ');

    expect(await statusLineFrom(socket)).toBe('HTTP/1.1 408 Request Timeout');
  });

  it('speaks no HTTP gets a plain 400', async () => {
    const socket = await connect();
    socket.write('\u0000\u0001garbage\r\n\r\n');

    expect(await statusLineFrom(socket)).toBe('HTTP/1.1 400 Bad Request');
  });

  it.each(['http://x/livez', '*', '/livez#there'])('asks for %j gets a plain 400', async (target) => {
    const socket = await connect();
    socket.write(`OPTIONS ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`, 'latin1');

    expect(await statusLineFrom(socket)).toBe('HTTP/1.1 400 Bad Request');
  });

  it('asks for a path with a query is answered', async () => {
    const socket = await connect();
    socket.write('GET /livez?verbose=1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');

    expect(await statusLineFrom(socket)).toBe('HTTP/1.1 200 OK');
  });

  it('sends headers without end gets a plain 431', async () => {
    const socket = await connect();
    socket.write(`POST /mutate HTTP/1.1\r\nx: ${'x'.repeat(100_000)}\r\n`);

    expect(await statusLineFrom(socket)).toBe('HTTP/1.1 431 Request Header Fields Too Large');
  });

  it('announces too long a body gets 413 at once, and is not listened to', async () => {
    const socket = await connect();
    socket.write(head(1_000_000_000));

    expect(await statusLineFrom(socket)).toBe('HTTP/1.1 413 Payload Too Large');
  });

  it('sends too long a body without announcing it gets 413, and is not listened to any longer', async () => {
    const socket = await connect();
    const head =
      'POST /mutate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n';
    socket.write(head);
    const megabyte = `100000\r\n${' '.repeat(1024 * 1024)}\r\n`;
    for (let sent = 0; sent < 9; sent++) socket.write(megabyte);

    expect(await statusLineFrom(socket)).toBe('HTTP/1.1 413 Payload Too Large');
  });

  it('breaks off in the middle of a body disturbs nobody', async () => {
    const socket = await connect();
    socket.write(head(review.length) + review.slice(0, 20));
    socket.destroy();

    expect(await askOnce()).toBe('HTTP/1.1 200 OK');
  });

  it('goes away before its answer disturbs nobody', async () => {
    const socket = await connect();
    socket.end(head(review.length) + review);
    socket.destroy();

    expect(await askOnce()).toBe('HTTP/1.1 200 OK');
  });
});

it('serves a good client while hundreds of others hang', async () => {
  await server.close(0);
  await serve();
  await Promise.all(Array.from({ length: 100 }, () => connect()));
  await Promise.all(Array.from({ length: 100 }, () => connect({ plain: true })));

  expect(await askOnce()).toBe('HTTP/1.1 200 OK');
  expect(log.lines).toEqual([]);
});

it('answers garbage within a review with 400, however deep', async () => {
  const depth = 100_000;
  const body = `{"kind":${'['.repeat(depth)}${']'.repeat(depth)}}`;
  const socket = await connect();
  socket.write(head(body.length, 'connection: close') + body);

  expect(await statusLineFrom(socket)).toBe('HTTP/1.1 400 Bad Request');
});
