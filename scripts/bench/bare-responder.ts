// What bounds any webhook in Node: parse the review, answer a patch that is always the same.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { buffer } from 'node:stream/consumers';

const { PORT, CERT_FILE = '', KEY_FILE = '' } = process.env;
const patch = Buffer.from(JSON.stringify([{ op: 'add', path: '/metadata/labels/bare', value: 'x'.repeat(2500) }]));
const response = { allowed: true, patchType: 'JSONPatch', patch: patch.toString('base64') };

const server = createServer({ cert: readFileSync(CERT_FILE), key: readFileSync(KEY_FILE) }, (request, answer) => {
  void buffer(request).then((body) => {
    if (request.method === 'GET') return answer.end('ok');
    const { apiVersion, kind, request: asked } = JSON.parse(body.toString()) as Review;
    const text = JSON.stringify({ apiVersion, kind, response: { uid: asked.uid, ...response } });
    answer.setHeader('content-type', 'application/json').setHeader('content-length', Buffer.byteLength(text)).end(text);
  });
});
server.listen(Number(PORT));

interface Review {
  readonly apiVersion: string;
  readonly kind: string;
  readonly request: { readonly uid: string };
}
