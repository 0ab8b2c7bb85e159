import type { IncomingMessage } from 'node:http';

/** The body of a request, or why there is none. */
export type Body = { readonly content: Buffer } | { readonly problem: 'too long' | 'broken off' };

/** Reads the body of a request, and not a byte more than `limit`: Express' own parser reads what is too long to its end. */
export function readBody(request: IncomingMessage, limit: number): Promise<Body> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > limit) return Promise.resolve({ problem: 'too long' });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length <= limit) return;
      request.pause();
      resolve({ problem: 'too long' });
    });
    request.once('end', () => resolve({ content: Buffer.concat(chunks, length) }));
    request.once('error', () => resolve({ problem: 'broken off' }));
    request.once('close', () => resolve({ problem: 'broken off' }));
  });
}
