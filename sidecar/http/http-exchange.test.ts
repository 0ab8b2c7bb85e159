import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describeError } from '../../shared/log/log-error.ts';
import { startWebServer, type ReceivedRequest, type WebServer } from '../../test/web-server.ts';
import { AddressGuard } from './address-guard.ts';
import type { HttpExchangeError } from './http-exchange-error.ts';
import { HttpExchanger, type ExchangeAnswer, type ExchangeRequest } from './http-exchange.ts';

let server: WebServer;
let other: WebServer;
const never = new AbortController().signal;
const now = Date.UTC(2026, 0, 1);

beforeEach(async () => {
  [server, other] = await Promise.all([startWebServer(), startWebServer()]);
});

afterEach(() => Promise.all([server.close(), other.close()]));

function exchange(options: Partial<ExchangeRequest> = {}, signal = never): Promise<ExchangeAnswer> {
  const exchanger = new HttpExchanger({ environment: {}, skipTlsVerify: false, now: () => now });
  return exchanger.exchange({ url: `${server.origin}/a`, method: 'GET', timeoutMs: 10_000, ...options }, signal);
}

function failureOf(...parameters: Parameters<typeof exchange>): Promise<HttpExchangeError> {
  const succeeded = (): never => {
    throw new Error('it succeeded');
  };
  return exchange(...parameters).then(succeeded, (error: HttpExchangeError) => error);
}

const download = { maxBytes: 1000 };
const text = async (options?: Partial<ExchangeRequest>): Promise<string> =>
  (await exchange({ ...download, ...options })).body.toString();
const credentials = { url: 'http://unused', authorization: 'Basic d29yZA==' };

/** Leads `/a` there, and answers everything else with its path. */
function redirect(status: number, location: string): void {
  server.answer = ({ path }, response) =>
    void (path === '/a' ? response.writeHead(status, { location }).end() : response.end(path));
}

describe('an HTTP exchange', () => {
  it('gets the status, the headers and the body of an answer', async () => {
    server.answer = (_request, response) => void response.writeHead(203, { etag: '"1"' }).end('content');
    const { headers, ...answer } = await exchange({
      ...download,
      url: `http://user:word@127.0.0.1:${server.port}/a?b#c`,
    });
    expect(answer).toEqual({ status: 203, body: Buffer.from('content'), url: `${server.origin}/a?b` });
    expect(headers).toMatchObject({ etag: '"1"' });
    expect(server.received).toEqual([
      {
        method: 'GET',
        path: '/a?b',
        headers: {
          host: `127.0.0.1:${server.port}`,
          'user-agent': 'sync-sidecar',
          accept: '*/*',
          'accept-encoding': 'gzip, deflate, br',
          connection: 'close',
        },
        body: '',
      },
    ]);
  });

  it('sends a body', async () => {
    await exchange({ method: 'POST', body: '"grün"' });
    const [{ headers, ...received } = {} as ReceivedRequest] = server.received;
    expect(received).toEqual({ method: 'POST', path: '/a', body: '"grün"' });
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'content-length': '7' });
  });

  it.each([
    ['gzip', gzipSync],
    ['X-GZIP', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['identity', (content: string) => Buffer.from(content)],
  ])('decodes %s', async (encoding, encode) => {
    const body = encode('content');
    server.answer = (_request, response) => void response.writeHead(200, { 'content-encoding': encoding }).end(body);
    expect(await text()).toBe('content');
  });

  it.each(['gzip', 'deflate', 'br'])('takes an empty body in %s for what it is', async (encoding) => {
    server.answer = (_request, response) => void response.writeHead(200, { 'content-encoding': encoding }).end();
    expect(await text()).toBe('');
  });

  it.each([204, 205, 206])('takes status %d for a success only where no content is wanted', async (status) => {
    server.answer = (_request, response) => void response.writeHead(status).end();
    expect(await exchange()).toMatchObject({ status });
    expect(await failureOf(download)).toMatchObject({ status, phase: 'answer' });
  });

  it('has succeeded with the head of an answer whose body nobody wants', async () => {
    server.answer = (_request, response) => void response.writeHead(200, { 'content-length': 10 }).write('part');
    expect(await exchange()).toMatchObject({ status: 200, body: Buffer.alloc(0) });
    server.answer = (_request, response) =>
      void response.writeHead(200, { 'content-length': 10 }).write('part', () => response.destroy());
    expect(await exchange()).toMatchObject({ status: 200, body: Buffer.alloc(0) });
  });

  it('refuses an encoding that it does not know, and one that is broken', async () => {
    let encoding = 'zstd';
    server.answer = (_request, response) =>
      void response.writeHead(200, { 'content-encoding': encoding }).end('secret of the answer');
    expect(await failureOf(download)).toMatchObject({
      message: `GET ${server.origin}/*** was answered in an unknown content encoding`,
      phase: 'answer',
    });
    encoding = 'gzip';
    expect(await failureOf(download)).toMatchObject({
      message: `GET ${server.origin}/*** failed: incorrect header check`,
      phase: 'read',
    });
  });

  it('refuses more than the allowed bytes, also of what a few bytes are decoded to', async () => {
    const message = `GET ${server.origin}/*** was answered with more than 1000 bytes`;
    server.answer = (_request, response) => void response.end('x'.repeat(1000));
    expect(await text()).toHaveLength(1000);
    server.answer = (_request, response) => void response.end('x'.repeat(1001));
    expect(await failureOf(download)).toMatchObject({ message, phase: 'answer' });
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    server.answer = (_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    expect(await failureOf(download)).toMatchObject({ message, phase: 'answer' });
  });

  it.each([
    { what: '100 MB of zeros as gzip', maxBytes: 10 * 1024 ** 2, body: () => gzipSync(Buffer.alloc(1e8)) },
    { what: '1.1 MB of random bytes as gzip', maxBytes: 1e6, body: () => gzipSync(randomBytes(1.1e6)) },
  ])('does not wait for an answer that came whole and is too long: $what', async ({ maxBytes, body }) => {
    server.answer = (_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(body());
    expect(await failureOf({ maxBytes })).toMatchObject({
      message: `GET ${server.origin}/*** was answered with more than ${maxBytes} bytes`,
      phase: 'answer',
    });
  });

  it('stops reading an answer without end', async () => {
    const endless = (response: ServerResponse): void => {
      if (!response.destroyed) response.write('x'.repeat(65_536), () => setImmediate(endless, response));
    };
    server.answer = (_request, response) => endless(response);
    expect((await failureOf(download)).message).toContain('more than 1000 bytes');
    expect(await exchange()).toMatchObject({ status: 200, body: Buffer.alloc(0) });
  });

  it('is unchanged when the server says so to the condition that it got from there', async () => {
    const condition = { url: `${server.origin}/a`, headers: { 'if-none-match': '"1"' } };
    server.answer = (_request, response) => void response.writeHead(304).end();
    expect(await exchange({ ...download, condition })).toMatchObject({ status: 304, body: Buffer.alloc(0) });
    const elsewhere = { ...condition, url: `${server.origin}/b` };
    expect(await failureOf({ ...download, condition: elsewhere })).toMatchObject({ phase: 'answer', status: 304 });
    expect(server.received.map(({ headers }) => headers['if-none-match'])).toEqual(['"1"', undefined]);
  });

  it.each([400, 401, 404, 500, 503, 304, 302])('fails with status %d', async (status) => {
    server.answer = (_request, response) => void response.writeHead(status).end('secret of the answer');
    const { message, phase, status: told, cause } = await failureOf();
    expect({ message, phase, told, cause }).toEqual({
      message: `GET ${server.origin}/*** was answered with status ${status}`,
      phase: 'answer',
      told: status,
      cause: undefined,
    });
  });

  it.each([
    ['120', {}, 120_000],
    ['Thu, 01 Jan 2026 00:01:00 GMT', {}, 60_000],
    ['Thu, 01 Jan 2026 00:01:00 GMT', { date: 'Thu, 01 Jan 2026 00:00:50 GMT' }, 10_000],
    ['Thu, 01 Jan 2025 00:00:00 GMT', {}, 0],
    ['soon', {}, undefined],
  ])('learns from Retry-After: %s when to try again', async (retryAfter, headers, expected) => {
    server.answer = (_request, response) => {
      response.sendDate = false;
      response.writeHead(429, { 'retry-after': retryAfter, ...headers }).end();
    };
    expect((await failureOf()).retryAfterMs).toBe(expected);
  });

  it.each([
    [301, 'GET', ''],
    [302, 'GET', ''],
    [303, 'GET', ''],
    [307, 'POST', '{}'],
    [308, 'POST', '{}'],
  ])('goes on after %d with %s', async (status, method, body) => {
    redirect(status, 'b?c');
    expect(await exchange({ method: 'POST', body: '{}' })).toMatchObject({ url: `${server.origin}/b?c` });
    const [, { headers, ...second } = {} as ReceivedRequest] = server.received;
    expect(second).toEqual({ method, path: '/b?c', body });
    expect(headers['content-type']).toBe(body && 'application/json' ? 'application/json' : undefined);
  });

  it('follows ten redirects and no more', async () => {
    let left = 10;
    server.answer = (_request, response) =>
      void (left-- > 0 ? response.writeHead(302, { location: '/a' }).end() : response.end('there'));
    expect(await text()).toBe('there');
    left = 11;
    expect(await failureOf()).toMatchObject({
      message: `GET ${server.origin}/*** was redirected more than 10 times`,
      phase: 'answer',
    });
  });

  it.each(['file:///etc/passwd', 'ftp://a', 'http://[a'])('does not follow a redirect to %s', async (location) => {
    redirect(302, location);
    expect((await failureOf()).message).toBe(`GET ${server.origin}/*** was redirected to what is no http or https URL`);
  });

  it('sends credentials and conditions to where they belong alone', async () => {
    redirect(307, `http://user:word@127.0.0.1:${other.port}/b`);
    other.answer = ({ path }, response) =>
      void response.writeHead(302, { location: path === '/b' ? '/b2' : `${server.origin}/c` }).end();
    const condition = { url: `${server.origin}/a`, headers: { 'if-none-match': '"1"' } };
    await exchange({ method: 'POST', authorization: credentials.authorization, condition });
    const sent = ({ path, headers }: ReceivedRequest) => [path, headers.authorization, headers['if-none-match']];
    expect([...server.received, ...other.received].map(sent)).toEqual([
      ['/a', credentials.authorization, '"1"'],
      ['/c', undefined, undefined],
      ['/b', undefined, undefined],
      ['/b2', undefined, undefined],
    ]);
  });

  it.each([307, 308])('sends no body to another origin, where %d leads', async (status) => {
    redirect(status, `${other.origin}/b`);
    expect(await failureOf({ method: 'POST', body: '{}' })).toMatchObject({
      message: `POST ${server.origin}/*** was redirected to another scheme, host or port, where its body must not go`,
      phase: 'answer',
    });
    expect(other.received).toEqual([]);
  });

  it('sends credentials along on the same origin', async () => {
    redirect(302, '/b');
    await exchange({ authorization: credentials.authorization });
    expect(server.received.map(({ headers }) => headers.authorization)).toEqual(
      Array(2).fill(credentials.authorization),
    );
  });

  it('fails in its time, whatever it waits for', async () => {
    const message = `GET ${server.origin}/*** failed: no whole answer within 50 ms`;
    server.answer = () => undefined;
    expect(await failureOf({ timeoutMs: 50 })).toMatchObject({ message, phase: 'read' });
    server.answer = (_request, response) => void response.writeHead(200, { 'content-length': 10 }).write('part');
    expect(await failureOf({ timeoutMs: 50, ...download })).toMatchObject({ message, phase: 'read' });
  });

  it('fails when the connection breaks, and when there is none', async () => {
    server.answer = (_request, response) =>
      void response.writeHead(200, { 'content-length': 10 }).write('part', () => response.destroy());
    expect(await failureOf(download)).toMatchObject({
      message: `GET ${server.origin}/*** failed: aborted`,
      phase: 'read',
    });
    const gone = await startWebServer();
    await gone.close();
    expect(await failureOf({ url: `${gone.origin}/x` })).toMatchObject({
      message: `GET ${gone.origin}/*** failed: connect ECONNREFUSED 127.0.0.1:${gone.port}`,
      phase: 'connect',
    });
  });

  it('says where it was redirected to when it fails there', async () => {
    redirect(302, `${other.origin}/word`);
    other.answer = (_request, response) => void response.writeHead(404).end();
    expect((await failureOf()).message).toBe(
      `GET ${server.origin}/*** (redirected to ${other.origin}) was answered with status 404`,
    );
  });

  it('ends when it is told to', async () => {
    server.answer = () => undefined;
    const stop = new AbortController();
    const failed = failureOf({}, stop.signal);
    stop.abort(new Error('ended by SIGTERM'));
    expect((await failed).message).toBe(`GET ${server.origin}/*** failed: ended by SIGTERM`);
  });

  it('leaves no connection open, after success and failure', async () => {
    server.answer = (_request, response) => void response.end('content');
    const closed = Promise.withResolvers<void>();
    await exchange(download);
    await failureOf({ maxBytes: 1 });
    server.server.close(() => closed.resolve());
    await closed.promise;
    expect(server.connections).toBe(2);
  });

  it('reaches no address that is not allowed, whatever leads there', async () => {
    const open = new AddressGuard({ allowPrivate: true });
    const guard = new AddressGuard({ allowPrivate: false });
    const refused = (host: string) =>
      `GET http://${host}/*** failed: ${host.split(':')[0]} is a private address, which URL_ALLOW_PRIVATE=false refuses`;
    expect((await failureOf({ guard, url: `http://127.0.0.1:${server.port}/a` })).message).toBe(
      refused(`127.0.0.1:${server.port}`),
    );
    expect(await failureOf({ guard, url: `http://localhost:${server.port}/a?word` })).toMatchObject({
      message: refused(`localhost:${server.port}`),
      phase: 'connect',
    });
    expect(server.connections).toBe(0);
    redirect(302, 'http://169.254.169.254/latest/word');
    expect((await failureOf({ guard: open })).message).toBe(
      `GET ${server.origin}/*** (redirected to http://169.254.169.254) failed: 169.254.169.254 is a link-local, metadata or multicast address, which is never allowed`,
    );
    server.answer = (_request, response) => void response.end('fine');
    expect(await text({ guard: open, url: `http://localhost:${server.port}/a` })).toBe('fine');
  });

  it('judges the address that the connection has, not what a name led to before', async () => {
    const guard = new AddressGuard({ allowPrivate: false });
    // As if the lookup had been deceived.
    Object.assign(guard, { lookup: new AddressGuard({ allowPrivate: true }).lookup });
    expect((await failureOf({ guard, url: `http://localhost:${server.port}/a` })).message).toContain(
      'URL_ALLOW_PRIVATE=false',
    );
    expect(server.received).toEqual([]);
  });

  it('has no secret in an error', async () => {
    const secret: Partial<ExchangeRequest> = {
      method: 'POST',
      url: `http://user:word@127.0.0.1:${server.port}/word?token=word`,
      body: 'word',
      authorization: credentials.authorization,
      ...download,
    };
    const shown = (error: Error): string => inspect([describeError(error), error.message], { depth: 9 });
    server.answer = (_request, response) => void response.writeHead(500, 'word', { word: 'word' }).end('word');
    const refused = await failureOf(secret);
    expect(refused.message).toBe(`POST http://***@127.0.0.1:${server.port}/*** was answered with status 500`);
    server.answer = (_request, response) => void response.socket?.end('word and no HTTP\r\n\r\n');
    const malformed = await failureOf(secret);
    expect([malformed.message, malformed.cause]).toEqual([expect.stringContaining('Parse Error'), undefined]);
    server.answer = (_request, response) =>
      void response.writeHead(200, { 'content-length': 10 }).write('word', () => response.destroy());
    for (const error of [refused, malformed, await failureOf(secret)]) {
      expect(shown(error)).not.toMatch(/word|d29yZ/);
    }
  });
});
