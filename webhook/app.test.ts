import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { Express } from 'express';
import type { DestinationStream } from 'pino';
import request from 'supertest';
import { createLogger } from '../shared/log/log.ts';
import { eventually } from '../test/eventually.ts';
import { allowed, type AdmissionRequest, type AdmissionResponse } from './admission-review.ts';
import { UndecidedError } from './undecided-error.ts';
import { createApp } from './app.ts';
import type { AppOptions } from './app.ts';
import type { Meter } from './metrics/meter.ts';

const uid = '705ab4f5-6393-11e8-b7cc-42010a800002';
const review = {
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: { uid, kind: { version: 'v1', kind: 'Pod' }, operation: 'CREATE', object: { spec: {} } },
};

interface LogLine {
  level: string;
  msg: string;
  uid?: string;
  err?: { message: string };
}

/** An app that admits everything and is ready, but for what the test says otherwise, and what it logs. */
function appWith(options: Partial<AppOptions> = {}) {
  const logged: LogLine[] = [];
  const destination: DestinationStream = { write: (line) => void logged.push(JSON.parse(line) as LogLine) };
  const log = createLogger({ level: 0, zone: 'UTC', now: Date.now }, destination);
  const admit = (admission: AdmissionRequest) => allowed(admission);
  const app = createApp({ review: admit, advise: admit, notReadyReason: () => null, log, ...options });
  return { app, logged };
}

describe('the meter', () => {
  it('measures reviews of pods, and counts those that fail, but no advice', async () => {
    const met: string[] = [];
    const meter = {
      beginReview: () => () => void met.push('measured'),
      failed: (status: number | 'none') => void met.push(`failed: ${status}`),
    };
    const { app } = appWith({ meter });

    await request(app).post('/validate').send(review);
    await request(app).post('/validate').send({});
    await request(app).post('/mutate').send(review);
    await request(app).post('/mutate').send({});

    expect(met).toEqual(['measured', 'failed: 400', 'measured']);
  });
});

describe('a review that nobody waits for', () => {
  const meet = (met: unknown[]): Pick<Meter, 'beginReview' | 'failed'> => ({
    beginReview: () => () => void met.push('measured'),
    failed: (code) => void met.push(code),
  });

  /** Sends the beginning of a request, and leaves once `until` says so. */
  async function leave(app: Express, sent: string, until: () => boolean): Promise<void> {
    const listening = app.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    const socket = connect((listening.address() as AddressInfo).port, '127.0.0.1');
    const body = JSON.stringify(review);
    socket.write(
      `POST /mutate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`,
    );
    socket.write(sent);
    await eventually(until, { timeoutMs: 5000, intervalMs: 5 });
    socket.destroy();
    const closed = once(listening, 'close');
    listening.close();
    await closed;
  }

  it('is measured until it is left, and counted as one without an answer', async () => {
    const met: unknown[] = [];
    const { promise, resolve } = Promise.withResolvers<AdmissionResponse>();
    let asked = false;
    const slow = () => {
      asked = true;
      return promise;
    };
    const { app, logged } = appWith({ meter: meet(met), review: slow });

    await leave(app, JSON.stringify(review), () => asked);
    await eventually(() => met.length > 0, { timeoutMs: 5000, intervalMs: 5 });
    resolve({ uid, allowed: true });
    await promise;

    expect([met, logged]).toEqual([['measured', 'none'], []]);
  });

  it('is no wrong request where the body is broken off, and is not decided', async () => {
    const met: unknown[] = [];
    const { app } = appWith({
      meter: { ...meet(met), beginReview: () => (met.push('begun'), () => void met.push('measured')) },
      review: () => {
        throw new Error('asked');
      },
    });

    await leave(app, '{"kind":', () => met.length > 0);
    await eventually(() => met.length > 2, { timeoutMs: 5000, intervalMs: 5 });

    expect(met).toEqual(['begun', 'measured', 'none']);
  });
});

describe('POST /mutate', () => {
  it('answers a review with a review', async () => {
    const { app, logged } = appWith();

    const response = await request(app).post('/mutate?timeout=5s').send(review);

    expect([response.status, response.headers['content-type'], response.body]).toEqual([
      200,
      'application/json; charset=utf-8',
      { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid, allowed: true } },
    ]);
    expect(Object.keys(response.headers)).not.toContain('x-powered-by');
    expect(Object.keys(response.headers)).not.toContain('etag');
    expect(logged).toEqual([]);
  });

  it.each([
    [
      'a synchronous',
      () => {
        throw new Error('token: hunter2');
      },
    ],
    [
      'an asynchronous',
      async () => {
        throw new Error('token: hunter2');
      },
    ],
  ])('leaves %s exception to the failurePolicy, tells it to the log alone, and goes on', async (_kind, fail) => {
    let calls = 0;
    const { app, logged } = appWith({ review: (admission) => (calls++ === 0 ? fail() : allowed(admission)) });

    const failed = await request(app).post('/mutate').send(review);
    const next = await request(app).post('/mutate').send(review);

    expect([failed.status, failed.type, failed.text]).toEqual([
      500,
      'text/plain',
      `internal error; the webhook's log has it under uid ${uid}`,
    ]);
    expect(logged.map(({ level, msg, uid, err }) => [level, msg, uid, err?.message])).toEqual([
      ['ERROR', 'review failed', uid, 'token: hunter2'],
    ]);
    expect(next.status).toBe(200);
  });

  it('tells why a review can not be decided', async () => {
    const { app } = appWith({
      review: () => Promise.reject(new UndecidedError('the labels are not known', { cause: new Error('hunter2') })),
    });

    const failed = await request(app).post('/mutate').send(review);

    expect([failed.status, failed.type, failed.text]).toEqual([
      500,
      'text/plain',
      `the labels are not known; the webhook's log has it under uid ${uid}`,
    ]);
  });

  it.each([
    {
      what: 'JSON that is no review',
      body: '{"kind":"Pod"}',
      status: 400,
      error: 'no AdmissionReview: kind is "Pod", expected "AdmissionReview"',
    },
    { what: 'broken JSON', body: '{"password": hunter2}', status: 400, error: 'the body is not valid JSON' },
    {
      what: 'a JSON string',
      body: '"hunter2"',
      status: 400,
      error: 'no AdmissionReview: the body is not a JSON object',
    },
    {
      what: 'too much',
      body: ' '.repeat(8 * 1024 * 1024 + 1),
      status: 413,
      error: 'the body is longer than 8388608 bytes',
    },
    {
      what: 'nothing',
      body: undefined,
      status: 400,
      error: 'the body is not valid JSON',
    },
  ])('refuses $what', async ({ body, status, error }) => {
    const { app } = appWith();

    const response = await request(app).post('/mutate').type('application/json').send(body);

    expect([response.status, response.body]).toEqual([status, { error }]);
  });

  it('refuses another content type', async () => {
    const response = await request(appWith().app).post('/mutate').type('text/plain').send(JSON.stringify(review));

    expect([response.status, response.body]).toEqual([415, { error: 'the content type is not application/json' }]);
  });

  it('refuses a compressed body', async () => {
    const response = await request(appWith().app)
      .post('/mutate')
      .set({ 'content-type': 'application/json', 'content-encoding': 'gzip' })
      .serialize((body) => body as string)
      .send(gzipSync(JSON.stringify(review)));

    expect([response.status, response.body]).toEqual([415, { error: 'the encoding of the body is not supported' }]);
  });

  it('reads a review of the largest pod that the API server takes', async () => {
    const object = { metadata: { annotations: { large: 'x'.repeat(3 * 1024 * 1024) } } };

    const response = await request(appWith().app)
      .post('/mutate')
      .send({ ...review, request: { ...review.request, object } });

    expect(response.status).toBe(200);
  });
});

it('POST /validate answers by the same rules, for workloads', async () => {
  const { app } = appWith({
    review: () => {
      throw new Error('not asked');
    },
    advise: (admission) => allowed(admission, { warnings: ['a'] }),
  });

  const response = await request(app).post('/validate?timeout=2s').send(review);
  const malformed = await request(app).post('/validate').send({});

  expect([response.status, response.body]).toEqual([
    200,
    { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid, allowed: true, warnings: ['a'] } },
  ]);
  expect(malformed.status).toBe(400);
});

describe('the probes', () => {
  it('GET /livez answers 200 whether ready or not', async () => {
    const response = await request(appWith({ notReadyReason: () => 'no certificate yet' }).app).get('/livez');

    expect([response.status, response.text]).toEqual([200, 'ok']);
  });

  it.each([
    { reason: null, status: 200, text: 'ok' },
    { reason: 'no certificate yet', status: 503, text: 'no certificate yet' },
  ])('GET /readyz answers $status when the reason not to be ready is $reason', async ({ reason, status, text }) => {
    const response = await request(appWith({ notReadyReason: () => reason }).app).get('/readyz');

    expect([response.status, response.text]).toEqual([status, text]);
  });
});

it.each(['GET /mutate', 'POST /readyz', 'GET /', 'GET /%'])('%s answers 404', async (line) => {
  const [method = '', path = ''] = line.split(' ');
  const { app } = appWith();

  const response = await (method === 'GET' ? request(app).get(path) : request(app).post(path));

  expect([response.status, response.body]).toEqual([404, { error: 'no such path' }]);
});

it('ends connections with their next answer while it is ending, so that the next review comes to another replica', async () => {
  let ending = false;
  const { app } = appWith({ isEnding: () => ending });

  const before = await request(app).post('/mutate').set('connection', 'keep-alive').send(review);
  ending = true;
  const after = await request(app).post('/mutate').set('connection', 'keep-alive').send(review);

  expect([before, after].map(({ status, headers }) => [status, headers.connection])).toEqual([
    [200, 'keep-alive'],
    [200, 'close'],
  ]);
});
