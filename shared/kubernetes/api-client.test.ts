import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { ApiClient } from './api-client.ts';
import { ApiConnectionError, ApiTimeoutError, MalformedAnswerError } from './api-failure.ts';
import { ApiStatusError } from './api-status.ts';
import type { ClusterAccess } from './cluster-access.ts';

let answer: RequestListener;
let server: Server;
let access: ClusterAccess;
let client: ApiClient;

beforeEach(async () => {
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  access = {
    server: new URL(`http://127.0.0.1:${port}/prefix/`),
    namespace: 'x',
    credentials: 'the token in /token',
    connectionOptions: () => Promise.resolve({ headers: { authorization: 'Bearer hunter2' } }),
  };
  client = new ApiClient(access);
});

afterEach(async () => {
  client.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const path = '/api/v1/namespaces/x/configmaps';

describe('request', () => {
  it('sends method, path, query, headers and a JSON body, and parses the answer', async () => {
    let seen: IncomingMessage | undefined;
    let body = '';
    answer = (request, response) => {
      seen = request;
      void text(request).then((received) => {
        body = received;
        response.end('{"kind":"ConfigMap"}');
      });
    };

    const parsed = await client.request({
      method: 'PATCH',
      path: `${path}/y`,
      query: { fieldManager: 'a b', dryRun: undefined },
      body: { data: { key: 'ü' } },
      contentType: 'application/merge-patch+json',
    });

    expect(parsed).toEqual({ kind: 'ConfigMap' });
    expect(body).toBe('{"data":{"key":"ü"}}');
    expect([seen?.method, seen?.url]).toEqual(['PATCH', `/prefix${path}/y?fieldManager=a+b`]);
    expect(seen?.headers).toMatchObject({
      accept: 'application/json',
      authorization: 'Bearer hunter2',
      'content-length': '21',
      'content-type': 'application/merge-patch+json',
      'user-agent': 'sync-sidecar',
    });
  });

  it('uses one connection for one request after another', async () => {
    const ports = new Set<number | undefined>();
    answer = (request, response) => {
      ports.add(request.socket.remotePort);
      response.end('{}');
    };

    for (let turn = 0; turn < 3; turn++) await client.request({ method: 'GET', path });

    expect(ports.size).toBe(1);
  });

  it('asks for the token before each request', async () => {
    const tokens: (string | undefined)[] = [];
    answer = (request, response) => {
      tokens.push(request.headers.authorization);
      response.end('{}');
    };
    let turn = 0;
    const rotating = new ApiClient({
      ...access,
      connectionOptions: () => Promise.resolve({ headers: { authorization: `Bearer ${++turn}` } }),
    });

    await rotating.request({ method: 'GET', path });
    await rotating.request({ method: 'GET', path });
    rotating.close();

    expect(tokens).toEqual(['Bearer 1', 'Bearer 2']);
  });

  it('gives the Status of a refused request', async () => {
    answer = (_, response) => {
      response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '3' });
      response.end('{"kind":"Status","code":429,"reason":"TooManyRequests","message":"too many"}');
    };

    const failure = await client.request({ method: 'GET', path }).catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(ApiStatusError);
    expect({ ...(failure as ApiStatusError), message: (failure as Error).message }).toEqual({
      name: 'ApiStatusError',
      message: 'cannot list configmaps in namespace "x": too many requests (429): too many',
      code: 429,
      reason: 'TooManyRequests',
      verb: 'list',
      resource: 'configmaps in namespace "x"',
      retryAfterMs: 3000,
    });
  });

  it('says of a 401 which credentials are not accepted', async () => {
    answer = (_, response) => {
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end('{"kind":"Status","code":401,"reason":"Unauthorized","message":"Unauthorized"}');
    };

    await expect(client.request({ method: 'GET', path })).rejects.toMatchObject({
      message:
        'cannot list configmaps in namespace "x": unauthorized (401): the API server does not accept the token in /token',
      code: 401,
      reason: 'Unauthorized',
    });
  });

  it('reads no more of a refusal than a Status needs', async () => {
    answer = (_, response) => {
      response.writeHead(502, { 'content-type': 'application/json' });
      // Without an end: only who stops reading comes back.
      response.write(Buffer.alloc(1024 * 1024, 'x'));
    };

    await expect(client.request({ method: 'GET', path })).rejects.toThrow(
      /^cannot list configmaps in namespace "x": bad gateway \(502\)$/,
    );
  });

  it('takes a redirection for a refusal, so that the token goes nowhere else', async () => {
    answer = (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();

    await expect(client.request({ method: 'GET', path })).rejects.toMatchObject({ code: 302 });
  });

  it('fails when the answer is no JSON, quoting nothing of it', async () => {
    answer = (_, response) => response.end('password=hunter2');

    await expect(client.request({ method: 'GET', path })).rejects.toThrow(
      new MalformedAnswerError('the API server sent 16 characters that are no JSON document'),
    );
  });

  it('fails when nobody listens, and names the server without user and password', async () => {
    const closed = new URL(access.server);
    closed.username = 'me';
    closed.password = 'hunter2';
    await new Promise((resolve) => server.close(resolve));
    const unreachable = new ApiClient({ ...access, server: closed });

    const failure = await unreachable.request({ method: 'GET', path }).catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(ApiConnectionError);
    expect((failure as Error).message).toBe(
      `cannot list configmaps in namespace "x": connection to ${closed.origin} failed: connect ECONNREFUSED ${closed.host}`,
    );
  });

  it('fails when the answer is cut off', async () => {
    answer = (_, response) => response.write('{"kind":', () => response.destroy());

    await expect(client.request({ method: 'GET', path })).rejects.toThrow(ApiConnectionError);
  });

  it.each([
    ['begins', () => undefined],
    ['ends', (_: unknown, response: { write(body: string): unknown }) => response.write('{')],
  ])('fails at the deadline when no answer %s', async (_, listener) => {
    answer = listener;

    await expect(client.request({ method: 'GET', path, timeoutMs: 50 })).rejects.toThrow(
      new ApiTimeoutError({ verb: 'list', resource: 'configmaps in namespace "x"' }, 'answer', 50),
    );
  });

  it('stops with the reason of the signal', async () => {
    const controller = new AbortController();
    const reason = new Error('shutting down');
    answer = () => controller.abort(reason);

    await expect(client.request({ method: 'GET', path, signal: controller.signal })).rejects.toBe(reason);
    await expect(client.request({ method: 'GET', path, signal: controller.signal })).rejects.toBe(reason);
  });
});

describe('a credential that never comes', () => {
  beforeEach(() => {
    client = new ApiClient({ ...access, connectionOptions: () => new Promise(() => undefined) }, { timeoutMs: 50 });
  });

  it('holds up no end', async () => {
    const controller = new AbortController();
    const asked = client.request({ method: 'GET', path, signal: controller.signal, timeoutMs: 60_000 });
    controller.abort(new Error('ended by SIGTERM'));

    await expect(asked).rejects.toThrow('ended by SIGTERM');
  });

  it('fails at the deadline', async () => {
    await expect(client.request({ method: 'GET', path })).rejects.toBeInstanceOf(ApiTimeoutError);
  });
});

describe('stream', () => {
  const never = new AbortController().signal;

  function stream(options: { signal?: AbortSignal; idleTimeoutMs?: number; onOpen?: () => void } = {}) {
    return client.stream({ path, query: { watch: true }, signal: never, idleTimeoutMs: 10_000, ...options });
  }

  it('yields the bytes while they arrive and ends with the answer', async () => {
    let finish = () => {};
    answer = (_, response) => {
      response.write('one');
      finish = () => response.end('two');
    };
    const seen: string[] = [];

    for await (const chunk of stream({ onOpen: () => seen.push('open') })) {
      seen.push(chunk.toString());
      finish();
    }

    expect(seen).toEqual(['open', 'one', 'two']);
  });

  it('fails when the connection is cut in the middle', async () => {
    answer = (_, response) => response.write('one', () => response.destroy());

    await expect(text(stream())).rejects.toThrow(ApiConnectionError);
  });

  it('fails when no byte arrives for the idle timeout', async () => {
    answer = (_, response) => response.write('one');

    await expect(text(stream({ idleTimeoutMs: 50 }))).rejects.toThrow(
      new ApiTimeoutError({ verb: 'watch', resource: 'configmaps in namespace "x"' }, 'byte', 50),
    );
  });

  it('does not count the time that its reader takes', async () => {
    let finish = () => {};
    answer = (_, response) => {
      response.write('one');
      finish = () => response.end('two');
    };
    const seen: string[] = [];

    for await (const chunk of stream({ idleTimeoutMs: 50 })) {
      seen.push(chunk.toString());
      await new Promise((resolve) => setTimeout(resolve, 100));
      finish();
    }

    expect(seen).toEqual(['one', 'two']);
  });

  it('fails at the deadline when no answer begins', async () => {
    answer = () => {};
    const hasty = new ApiClient(access, { timeoutMs: 50 });
    const silent = hasty.stream({ path, query: {}, signal: never, idleTimeoutMs: 10_000 });

    await expect(text(silent)).rejects.toThrow(
      new ApiTimeoutError({ verb: 'list', resource: 'configmaps in namespace "x"' }, 'answer', 50),
    );
    hasty.close();
  });

  it('gives the Status of a refused watch', async () => {
    answer = (_, response) => {
      response.writeHead(403, { 'content-type': 'application/json' }).end('{"kind":"Status","message":"no rule"}');
    };

    await expect(text(stream())).rejects.toThrow('cannot watch configmaps in namespace "x": forbidden (403): no rule');
  });

  it('closes the connection when its reader leaves or the signal is aborted', async () => {
    const closed: Promise<void>[] = [];
    answer = (_, response) => {
      closed.push(new Promise((resolve) => response.once('close', resolve)));
      response.write('one');
    };
    const controller = new AbortController();
    const reason = new Error('shutting down');

    for await (const _ of stream()) break;
    const aborted = async () => {
      for await (const _ of stream({ signal: controller.signal })) controller.abort(reason);
    };

    await expect(aborted()).rejects.toBe(reason);
    await Promise.all(closed);
    expect(closed.length).toBe(2);
  });
});
