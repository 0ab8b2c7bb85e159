import type { IncomingMessage } from 'node:http';
import { Readable, type Transform } from 'node:stream';
import { UnusableAnswerError } from './http-exchange-error.ts';

/** The content encodings that `readBody` undoes, for `accept-encoding`. Some servers send one without being asked. */
export const acceptedEncodings = 'gzip, deflate, br';

// Of a body that nobody wants so much is read, so that a server isn't cut off in the middle of what it says.
const maxDiscardedBytes = 1024 * 1024;
// Longer than what is on its way within a cluster, and short beside every time limit.
const discardMs = 100;

/** Reads the body of an answer, decoded; throws when it is longer than `maxBytes`, breaks off, or is in an unknown encoding. */
export async function readBody(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  // Not by `pipeline`, which waits for an answer that came whole and isn't read to its end.
  try {
    for await (const chunk of await decoded(response)) {
      length += chunk.length;
      if (length > maxBytes) throw new UnusableAnswerError(`was answered with more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  } finally {
    response.destroy();
  }
  return Buffer.concat(chunks);
}

/** Reads of a body what comes within a moment, and at most the first MiB of it. Whatever becomes of it, the head has said all. */
export async function discardBody(response: IncomingMessage): Promise<void> {
  const timer = setTimeout(() => response.destroy(), discardMs);
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxDiscardedBytes) return;
    }
  } catch {
    // It broke off.
  } finally {
    clearTimeout(timer);
  }
}

/** What the body is decoded to. Nothing is nothing in every encoding. */
async function decoded(response: IncomingMessage): Promise<AsyncIterable<Buffer> | []> {
  const name = (response.headers['content-encoding'] ?? '').trim().toLowerCase();
  if (['', 'identity'].includes(name)) return response;
  const rest = response[Symbol.asyncIterator]() as AsyncGenerator<Buffer, undefined>;
  const { value: first } = await rest.next();
  if (first === undefined) return [];
  const decoder = await decoderFor(name, first[0] ?? 0);
  const encoded = Readable.from(joined(first, rest));
  encoded.once('error', (error) => decoder.destroy(error));
  return encoded.pipe(decoder);
}

async function* joined(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

/** zlib takes memory that a sidecar without such answers need not have: 0.3 MiB. */
async function decoderFor(name: string, firstByte: number): Promise<Transform> {
  const { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } = await import('node:zlib');
  // Some servers leave out zlib's header, which begins with 8: https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1.2
  const isRaw = (firstByte & 0x0f) !== 8;
  const decoders = new Map<string, () => Transform>([
    ['gzip', createGunzip],
    ['x-gzip', createGunzip],
    ['deflate', isRaw ? createInflateRaw : createInflate],
    ['br', createBrotliDecompress],
  ]);
  const create = decoders.get(name);
  if (!create) throw new UnusableAnswerError('was answered in an unknown content encoding');
  return create();
}
