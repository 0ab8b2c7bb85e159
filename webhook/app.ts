import express from 'express';
import type { Express, RequestHandler, Response } from 'express';
import type { Logger } from '../shared/log/log.ts';
import { decodeReview, encodeReview } from './admission-review.ts';
import type { AdmissionRequest, AdmissionResponse } from './admission-review.ts';
import { noMeter, type Meter } from './metrics/meter.ts';
import { readBody } from './read-body.ts';
import { UndecidedError } from './undecided-error.ts';

/** What the HTTP side asks the rest of the program. */
export interface AppOptions {
  /** Decides one request. What it throws becomes HTTP 500, so that the failurePolicy decides; only an UndecidedError is told. */
  review: Review;
  /** Decides one request for a workload, in the same way. */
  advise: Review;
  /** Why no reviews should come yet, or null. */
  notReadyReason: () => string | null;
  /** Whether connections are to end with their next answer: a new one may then lead to another replica. */
  isEnding?: () => boolean;
  /** Of reviews of pods. */
  meter?: Pick<Meter, 'beginReview' | 'failed'> | undefined;
  log: Logger;
}

type Review = (request: AdmissionRequest) => AdmissionResponse | Promise<AdmissionResponse>;

/** Builds the HTTP side: `POST /mutate`, `POST /validate`, `GET /livez`, `GET /readyz`. Opens no port. */
export function createApp(options: AppOptions): Express {
  const { review, advise, meter, notReadyReason, isEnding = () => false, log } = options;
  const app = express();
  app.set('env', 'production'); // In any other, Express shows the stack of an unforeseen error to the client.
  app.disable('x-powered-by');
  app.disable('etag'); // A hash over every answer, for a client that asks for none of them twice.
  app.use(endConnectionsWhile(isEnding));
  app.post('/mutate', ...reviewRoute(review, { meter, log }));
  // Advice is no decision on a pod, and no pod waits for it.
  app.post('/validate', ...reviewRoute(advise, { log }));
  app.get('/livez', (_request, response) => void response.type('text/plain').send('ok'));
  app.get('/readyz', answerReadiness(notReadyReason));
  app.use((_request, response) => refuse(response, 404, 'no such path'));
  return app;
}

/** The API server keeps its connections, also to a replica that no endpoint names any more. */
function endConnectionsWhile(isEnding: () => boolean): RequestHandler {
  return (_request, response, next) => {
    if (isEnding()) response.set('connection', 'close');
    next();
  };
}

function reviewRoute(review: Review, { meter = noMeter, log }: Pick<AppOptions, 'meter' | 'log'>): RequestHandler[] {
  const fail: Fail = (response, status, error) => {
    meter.failed(status);
    refuse(response, status, error);
  };
  return [measure(meter), requireJson(fail), readJson(fail), answer(review, { fail, log })];
}

/** Answers a request for a review that gets none. */
type Fail = (response: Response, status: number, error: string) => void;

function measure(meter: Pick<Meter, 'beginReview' | 'failed'>): RequestHandler {
  return (_request, response, next) => {
    const end = meter.beginReview();
    // There is always a `close`; `finish` is missing where whoever asked has left before the answer.
    response.once('close', () => {
      end();
      if (!response.writableEnded) meter.failed('none');
    });
    next();
  };
}

function requireJson(fail: Fail): RequestHandler {
  return (request, response, next) => {
    // The API server does not compress what it sends to webhooks; nobody else shall make us inflate anything.
    const encoding = request.get('content-encoding') ?? 'identity';
    if (request.is('application/json') === false) fail(response, 415, 'the content type is not application/json');
    else if (encoding !== 'identity') fail(response, 415, 'the encoding of the body is not supported');
    else next();
  };
}

/**
 * A review holds one pod. The API server accepts request bodies of 3 MiB; one that came as protobuf grows when it is written as
 * JSON, we allow double; 2 MiB are for the rest, of which managedFields and userInfo are the largest.
 * https://github.com/kubernetes/kubernetes/blob/v1.36.3/staging/src/k8s.io/apiserver/pkg/server/config.go (MaxRequestBodyBytes)
 */
const maxReviewBytes = (2 * 3 + 2) * 1024 * 1024;

function readJson(fail: Fail): RequestHandler {
  return async (request, response, next) => {
    const body = await readBody(request, maxReviewBytes);
    if ('problem' in body) {
      if (body.problem === 'broken off') return; // With its connection: nobody is there to be answered.
      response.set('connection', 'close'); // There is more to come that nobody wants.
      return fail(response, 413, `the body is longer than ${maxReviewBytes} bytes`);
    }
    const parsed = parseJson(body.content);
    // In words of our own: the parser's may quote the body.
    if (!parsed) return fail(response, 400, 'the body is not valid JSON');
    request.body = parsed.value;
    next();
  };
}

function parseJson(content: Buffer): { value: unknown } | null {
  try {
    return { value: JSON.parse(content.toString('utf8')) as unknown };
  } catch {
    return null;
  }
}

function answer(review: Review, { fail, log }: { fail: Fail; log: Logger }): RequestHandler {
  return async (httpRequest, httpResponse) => {
    const decoded = decodeReview(httpRequest.body);
    if ('malformed' in decoded) return fail(httpResponse, 400, `no AdmissionReview: ${decoded.malformed}`);
    const { uid } = decoded.request;
    try {
      sendJson(httpResponse, encodeReview(await review(decoded.request)));
    } catch (err) {
      log.error({ err, uid }, 'review failed');
      const reason = err instanceof UndecidedError ? err.message : 'internal error';
      fail(httpResponse, 500, `${reason}; the webhook's log has it under uid ${uid}`);
    }
  };
}

/** In one piece of text: Express' own way makes two writes, and thereby two TLS records, of head and body. */
function sendJson(response: Response, value: object): void {
  const text = JSON.stringify(value);
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.setHeader('content-length', Buffer.byteLength(text));
  response.end(text);
}

function answerReadiness(notReadyReason: AppOptions['notReadyReason']): RequestHandler {
  return (_request, response) => {
    const reason = notReadyReason();
    response
      .status(reason === null ? 200 : 503)
      .type('text/plain')
      .send(reason ?? 'ok');
  };
}

function refuse(response: Response, status: number, error: string): void {
  response.status(status);
  // Of an answer in plain text the API server tells the text, of any other none.
  if (status === 500) response.type('text/plain').send(error);
  else response.json({ error });
}
