import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { describeError } from '../../shared/log/log-error.ts';
import { recordingLog } from '../../test/recording-log.ts';
import { startWebServer, type ReceivedRequest, type WebServer } from '../../test/web-server.ts';
import { Credentials } from '../http/credentials.ts';
import { HttpExchanger } from '../http/http-exchange.ts';
import { QuickRetries } from '../http/quick-retries.ts';
import { requestChannel, type RequestOptions } from './request-channel.ts';

let server: WebServer;
let logged: ReturnType<typeof recordingLog>;
const never = new AbortController().signal;

beforeEach(async () => {
  server = await startWebServer();
  logged = recordingLog();
});

afterEach(() => server.close());

function credentials(username?: string, password?: string): Credentials {
  return new Credentials(
    { prefix: 'REQ', username, password, usernameFile: undefined, passwordFile: undefined },
    logged.log,
  );
}

function deliver(options: Partial<RequestOptions> = {}, signal = never): Promise<void> {
  const exchanger = new HttpExchanger({ environment: {}, skipTlsVerify: false, now: Date.now });
  return requestChannel({
    sync: 'dashboards',
    url: `${server.origin}/reload`,
    method: 'GET',
    payload: undefined,
    template: undefined,
    credentials: credentials(),
    encoding: 'latin1',
    timeoutMs: 10_000,
    exchanger,
    log: logged.log,
    ...options,
  }).deliver(signal, { complete: true, written: ['/app/a'], removed: [], objects: ['configmap/x/a'] });
}

function failureOf(...parameters: Parameters<typeof deliver>): Promise<Error> {
  const succeeded = (): never => {
    throw new Error('it did not fail');
  };
  return deliver(...parameters).then(succeeded, (error: Error) => error);
}

const sent = (): unknown[] =>
  server.received.map(({ method, path, body, headers }: ReceivedRequest) => ({
    method,
    path,
    body,
    type: headers['content-type'],
    authorization: headers.authorization,
  }));
const nothing = { type: undefined, authorization: undefined };

describe('request channel', () => {
  it('sends a GET without a body', async () => {
    await deliver({ payload: '{"ignored":true}', url: `${server.origin}/reload?full=1#x` });
    expect(sent()).toEqual([{ method: 'GET', path: '/reload?full=1', body: '', ...nothing }]);
  });

  it.each([
    ['{ "reload": [1, "grün"] }', '{"reload":[1,"grün"]}'],
    ['hello raw', '"hello raw"'],
    ['"text"', '"text"'],
    ['7', '7'],
    ['{"a": "{{sync}}"}', '{"a":"{{sync}}"}'],
  ])('sends %s by POST as the JSON %s', async (payload, body) => {
    await deliver({ method: 'POST', payload });
    expect(sent()).toEqual([{ method: 'POST', path: '/reload', body, ...nothing, type: 'application/json' }]);
  });

  it('sends a POST without a payload with an empty body', async () => {
    await deliver({ method: 'POST' });
    expect(sent()).toEqual([{ method: 'POST', path: '/reload', body: '', ...nothing }]);
  });

  it('tells what has changed where there is a template', async () => {
    const template =
      '{"text": "reload", "sync": {{sync}}, "facts": [{{written}}, {{removed}}, {{objects}}, {{complete}}]}';
    await deliver({ method: 'POST', template });
    expect(JSON.parse(server.received[0]?.body ?? '')).toEqual({
      text: 'reload',
      sync: 'dashboards',
      facts: [['/app/a'], [], ['configmap/x/a'], true],
    });
  });

  it('authenticates in the encoding of the settings', async () => {
    await deliver({ credentials: credentials('jürgen', 'pass:wörd') });
    await deliver({ credentials: credentials('jürgen', 'pass:wörd'), encoding: 'utf-8' });
    const basic = (encoding: 'latin1' | 'utf8') =>
      `Basic ${Buffer.from('jürgen:pass:wörd', encoding).toString('base64')}`;
    expect(server.received.map(({ headers }) => headers.authorization)).toEqual([basic('latin1'), basic('utf8')]);
  });

  it('authenticates with what stands in the URL, where nothing else is given', async () => {
    const url = `http://us%20er:word@127.0.0.1:${server.port}/`;
    await deliver({ url });
    await deliver({ url, credentials: credentials('other', 'one') });
    await deliver({ url, credentials: credentials('other') });
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
    expect(server.received.map(({ headers }) => headers.authorization)).toEqual(
      ['us er:word', 'other:one', 'us er:word'].map(basic),
    );
  });

  it.each([
    [200, '200 OK'],
    [204, '204 No Content'],
    [299, '299'],
  ])('takes status %d for success, and says so', async (status, told) => {
    server.answer = (_request, response) => void response.writeHead(status, 'secret reason').end();
    await deliver({ url: `http://user:word@127.0.0.1:${server.port}/word` });
    expect(logged.lines).toMatchObject([
      { level: 'INFO', msg: `Request sent to http://***@127.0.0.1:${server.port}/***. Response: ${told}` },
    ]);
  });

  it.each([302, 400, 401, 404, 429, 500, 503])('takes status %d for a failure', async (status) => {
    server.answer = (_request, response) => void response.writeHead(status).end('secret of the application');
    expect((await failureOf()).message).toBe(`GET ${server.origin}/*** was answered with status ${status}`);
    expect(logged.lines).toEqual([]);
  });

  it('has the quick retries wait for as long as the server asks', async () => {
    server.answer = (_request, response) => void response.writeHead(429, { 'retry-after': '7' }).end();
    const retries = { total: 5, connect: 5, read: 5, backoffFactor: 0, retryServerErrors: true };
    expect(new QuickRetries(retries).next(await failureOf())).toBe(7000);
  });

  it('has no connection that the application could have closed meanwhile', async () => {
    await deliver();
    await deliver();
    expect([server.received.length, server.connections]).toEqual([2, 2]);
  });

  it('has no secret in an error or in the log', async () => {
    const secrets: Partial<RequestOptions> = {
      method: 'POST',
      url: `http://user:hush@127.0.0.1:${server.port}/hush?token=hush`,
      payload: 'hush',
      credentials: credentials('user', 'hush'),
    };
    server.answer = (_request, response) => void response.writeHead(200, { hush: 'hush' }).end('hush');
    await deliver(secrets);
    server.answer = (_request, response) => void response.writeHead(500).end('hush');
    const refused = await failureOf(secrets);
    const unencodable = await failureOf({ ...secrets, credentials: credentials('user', 'hush€') });
    await server.close();
    const unreachable = await failureOf(secrets);
    const shown = [refused, unencodable, unreachable].map((error) => inspect(describeError(error), { depth: 9 }));
    expect([...shown, JSON.stringify(logged.lines)].join('\n')).not.toMatch(/hush|aHVza|OmhVc2/);
    expect(unreachable.message).toBe(
      `POST http://***@127.0.0.1:${server.port}/*** failed: connect ECONNREFUSED 127.0.0.1:${server.port}`,
    );
  });
});
