import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { requestChannel, type RequestOptions } from './request-channel.ts';

interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

let server: Server;
let origin: string;
let received: Received[];
let connections: number;
let answer: (response: ServerResponse) => void;
const never = new AbortController().signal;

beforeEach(async () => {
  received = [];
  connections = 0;
  answer = (response) => response.end('taken');
  server = createServer((request, response) => void receive(request, response)).on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
});

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  const { 'user-agent': agent, 'content-type': type, 'content-length': length, authorization } = request.headers;
  received.push({ method: request.method, url: request.url, headers: { agent, type, length, authorization }, body });
  answer(response);
}

function deliver(options: Partial<RequestOptions> = {}, signal = never): Promise<void> {
  const url = `http://${origin}/reload`;
  return requestChannel({
    url,
    method: 'GET',
    payload: undefined,
    credentials: undefined,
    timeoutMs: 10_000,
    ...options,
  }).deliver(signal, { complete: true, written: [], removed: [], objects: [] });
}

/** The whole text of a failure, causes included, as a log would have it. */
async function failureOf(...parameters: Parameters<typeof deliver>): Promise<{ message: string; all: string }> {
  const error = await deliver(...parameters).then(
    () => new Error('it did not fail'),
    (failure: unknown) => failure as Error,
  );
  const causes: Error[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) causes.push(at);
  return { message: error.message, all: causes.map((cause) => `${cause.stack} ${JSON.stringify(cause)}`).join('\n') };
}

describe('request channel', () => {
  it('sends a GET without a body', async () => {
    await deliver({ payload: '{"ignored":true}', url: `http://${origin}/reload?full=1#x` });
    expect(received).toEqual([{ method: 'GET', url: '/reload?full=1', headers: { agent: 'sync-sidecar' }, body: '' }]);
  });

  it.each([
    ['{ "reload": [1, "grün"] }', '{"reload":[1,"grün"]}'],
    ['hello raw', '"hello raw"'],
    ['"text"', '"text"'],
    ['7', '7'],
  ])('sends %s by POST as the JSON %s', async (payload, body) => {
    await deliver({ method: 'POST', payload });
    const headers = { agent: 'sync-sidecar', type: 'application/json', length: String(Buffer.byteLength(body)) };
    expect(received).toEqual([{ method: 'POST', url: '/reload', headers, body }]);
  });

  it('sends a POST without a payload with an empty body', async () => {
    await deliver({ method: 'POST' });
    expect(received).toMatchObject([{ method: 'POST', headers: { type: undefined }, body: '' }]);
  });

  it('authenticates with user name and password in latin1', async () => {
    await deliver({ credentials: { username: 'jürgen', password: 'pass:wörd' } });
    const expected = Buffer.from('jürgen:pass:wörd', 'latin1').toString('base64');
    expect(received[0]?.headers['authorization']).toBe(`Basic ${expected}`);
  });

  it('authenticates with what stands in the URL, where nothing else is given', async () => {
    await deliver({ url: `http://user:word@${origin}/` });
    expect(received[0]?.headers['authorization']).toBe(`Basic ${Buffer.from('user:word').toString('base64')}`);
  });

  it.each([200, 204, 299])('takes status %d for success', async (status) => {
    answer = (response) => response.writeHead(status).end();
    await deliver();
    expect(received).toHaveLength(1);
  });

  it.each([302, 400, 404, 500, 503])('takes status %d for a failure', async (status) => {
    answer = (response) => response.writeHead(status, { location: '/' }).end('secret of the application');
    expect((await failureOf()).message).toBe(`GET http://${origin}/*** was answered with status ${status}`);
  });

  it('has no connection that the application could have closed meanwhile', async () => {
    await deliver();
    await deliver();
    expect([received.length, connections]).toEqual([2, 2]);
  });

  it('fails when there is no answer in time, and when it does not end', async () => {
    const message = `GET http://${origin}/*** failed: The operation was aborted due to timeout`;
    answer = () => undefined;
    expect((await failureOf({ timeoutMs: 30 })).message).toBe(message);
    answer = (response) => void response.writeHead(200, { 'content-length': 10 }).write('part');
    expect((await failureOf({ timeoutMs: 30 })).message).toBe(message);
  });

  it('fails when the connection breaks, and when there is none', async () => {
    answer = (response) =>
      void response.writeHead(200, { 'content-length': 10 }).write('part', () => response.destroy());
    expect((await failureOf()).message).toMatch(/^GET http:\S+ failed: aborted$/);
    server.close();
    expect((await failureOf()).message).toBe(`GET http://${origin}/*** failed: connect ECONNREFUSED ${origin}`);
  });

  it('ends when it is told to', async () => {
    answer = () => undefined;
    const stop = new AbortController();
    const failed = failureOf({}, stop.signal);
    stop.abort(new Error('ended by SIGTERM'));
    expect((await failed).message).toBe(`GET http://${origin}/*** failed: ended by SIGTERM`);
  });

  it('has no secret in an error', async () => {
    const secrets: Partial<RequestOptions> = {
      method: 'POST',
      url: `http://user:word@${origin}/?token=word`,
      payload: 'word',
      credentials: { username: 'user', password: 'word' },
    };
    answer = (response) => response.writeHead(500).end('word');
    const refused = await failureOf(secrets);
    expect(refused.message).toBe(`POST http://***@${origin}/*** was answered with status 500`);
    server.close();
    const unreachable = await failureOf(secrets);
    expect(unreachable.message).toBe(`POST http://***@${origin}/*** failed: connect ECONNREFUSED ${origin}`);
    for (const { all } of [refused, unreachable]) {
      expect(all).not.toMatch(/word|d29yZ/);
    }
  });
});
