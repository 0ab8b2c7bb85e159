import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { UnusableAnswerError } from './http-exchange-error.ts';

/** The content encodings that `readBody` undoes, for `accept-encoding`. Some servers send one without being asked. */
export const acceptedEncodings = 'gzip, deflate, br';

// An answer whose body nobody wants is read so far, so that a server isn't cut off in the middle of what it says.
const maxDiscardedBytes = 1024 * 1024;

/** Reads the body of an answer, decoded; throws when it is longer than `maxBytes`, breaks off, or is in an unknown encoding. */
export async function readBody(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  const collect = async (body: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of body) {
      length += chunk.length;
      if (length > maxBytes) throw new UnusableAnswerError(`was answered with more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  };
  const decoder = await decoderFor(response.headers['content-encoding']);
  // Not by `pipeline`, which waits for an answer that came whole and isn't read to its end.
  try {
    await collect(decoder ? decoded(response, decoder) : response);
  } finally {
    response.destroy();
    decoder?.destroy();
  }
  return Buffer.concat(chunks);
}

function decoded(response: IncomingMessage, decoder: Transform): Transform {
  response.once('error', (error) => decoder.destroy(error));
  return response.pipe(decoder);
}

/** Reads a body to its end, and at most the first MiB of it; throws when it breaks off before. */
export async function discardBody(response: IncomingMessage): Promise<void> {
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxDiscardedBytes) return;
  }
}

/** zlib takes memory that a sidecar without such answers need not have: 0.3 MiB. */
async function decoderFor(encoding = ''): Promise<Transform | null> {
  const name = encoding.trim().toLowerCase();
  if (['', 'identity'].includes(name)) return null;
  const { createBrotliDecompress, createGunzip, createInflate } = await import('node:zlib');
  const decoders = new Map<string, () => Transform>([
    ['gzip', createGunzip],
    ['x-gzip', createGunzip],
    ['deflate', createInflate],
    ['br', createBrotliDecompress],
  ]);
  const create = decoders.get(name);
  if (!create) throw new UnusableAnswerError('was answered in an unknown content encoding');
  return create();
}
