import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect } from 'expect';
import fc, { type Arbitrary } from 'fast-check';
import { createApp } from '../../webhook/app.ts';
import { emptyConfiguration } from '../../webhook/configuration/configuration.ts';
import { createReviewer } from '../../webhook/review.ts';
import { arbitraryPod } from '../../test/unit/arbitrary-pod.ts';
import { recordingLog } from '../../test/recording-log.ts';
import { fuzzTarget } from './fuzz-target.ts';
import { damaged, hostileText } from './hostile-text.ts';

/** Bodies that come to `/mutate`: an AdmissionReview with the uid, or a plain 4xx; never a crash. */
export const reviewsTarget = fuzzTarget<Body>({
  name: 'reviews',
  share: 15,
  start: async (stack) => {
    const send = await startApp(stack);
    return { arbitrary: bodies(), holds: async (body) => answerHolds(body, await send(body)) };
  },
});

type Body = Uint8Array | string;

function bodies(): Arbitrary<Body> {
  const object = fc.oneof({ arbitrary: arbitraryPod(), weight: 4 }, fc.jsonValue());
  const right = fc.record({
    apiVersion: fc.constant('admission.k8s.io/v1'),
    kind: fc.constant('AdmissionReview'),
    request: fc.record({
      uid: fc.constant('705ab4f5'),
      kind: fc.constant({ group: '', version: 'v1', kind: 'Pod' }),
      namespace: fc.oneof(fc.constant('x'), hostileText()),
      operation: fc.constantFrom('CREATE', 'CREATE', 'UPDATE', 'DELETE'),
      object,
    }),
  });
  const review = right.map((value) => JSON.stringify(value));
  return fc.oneof(
    { arbitrary: review, weight: 4 },
    { arbitrary: damaged(review), weight: 4 },
    fc.jsonValue().map((value) => JSON.stringify(value)),
    hostileText(),
    fc.uint8Array({ maxLength: 200 }),
  );
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function startApp(stack: AsyncDisposableStack): Promise<(body: Body) => Promise<Answer>> {
  const { log } = recordingLog('CRITICAL');
  const namespaces = { isInContact: true, known: () => ({}), read: () => Promise.resolve({}) };
  const image = 'example.com/sync-sidecar:1';
  const review = createReviewer({ namespaces, configuration: () => emptyConfiguration, image, log });
  const server = createServer(createApp({ review, advise: review, notReadyReason: () => null, log }));
  const agent = stack.adopt(new Agent({ keepAlive: true, maxSockets: 1 }), (one) => one.destroy());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  stack.defer(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return (body) => post({ port, agent, body });
}

async function post({ body, ...to }: { port: number; agent: Agent; body: Body }): Promise<Answer> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const sent = request({ ...to, host: '127.0.0.1', method: 'POST', path: '/mutate', headers }).end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, text: await text(response) };
}

function answerHolds(body: Body, { status, text }: Answer): boolean {
  const given = `${status} ${text}`;
  // No 500: a pod whose fields are of wrong types, which no API server sends, is no review.
  expect([given, [200, 400].includes(status)]).toEqual([given, true]);
  const answer = JSON.parse(text) as { response?: { uid: string; allowed: boolean }; error?: string };
  if (status === 400) {
    expect([given, typeof answer.error]).toEqual([given, 'string']);
    return false;
  }
  const { uid, operation, object } = requestOf(body);
  expect(answer).toMatchObject({ kind: 'AdmissionReview', response: { uid } });
  expect([given, typeof answer.response?.allowed]).toEqual([given, 'boolean']);
  // Other operations have no new object, and nothing is read of what stands in its place.
  const hasObject = operation === 'CREATE' || operation === 'UPDATE';
  expect([given, !hasObject || typeof object === 'object']).toEqual([given, true]);
  return answer.response?.allowed === true;
}

function requestOf(body: Body): { uid: unknown; operation: unknown; object: unknown } {
  const { request } = JSON.parse(Buffer.from(body).toString()) as { request: ReturnType<typeof requestOf> };
  return request;
}
