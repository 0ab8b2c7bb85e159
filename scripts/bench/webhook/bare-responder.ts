/** What bounds any webhook in Node: parse the review, answer a patch that is always the same. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

interface Review {
  readonly apiVersion: string;
  readonly kind: string;
  readonly request: { readonly uid: string };
}

const { PORT, TLS_CERT_FILE = '', TLS_KEY_FILE = '' } = process.env;
// As long as the patch that ours gives the Grafana pod.
const patch = Buffer.from(JSON.stringify([{ op: 'add', path: '/metadata/labels/bare', value: 'x'.repeat(2500) }]));
const fixed = { allowed: true, patchType: 'JSONPatch', patch: patch.toString('base64') };

createServer({ cert: readFileSync(TLS_CERT_FILE), key: readFileSync(TLS_KEY_FILE) }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const text = request.method === 'POST' ? answer(Buffer.concat(chunks).toString()) : 'ok';
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
      .end(text);
  });
}).listen(Number(PORT));

function answer(body: string): string {
  const { apiVersion, kind, request } = JSON.parse(body) as Review;
  return JSON.stringify({ apiVersion, kind, response: { uid: request.uid, ...fixed } });
}
