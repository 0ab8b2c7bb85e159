import { request } from 'node:http';
import { text } from 'node:stream/consumers';

/**
 * Has etcd forget all but the newest revision of everything, by the JSON form of its API, which it serves beside gRPC:
 * https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/
 */
export async function compactEtcd(socketPath: string): Promise<void> {
  // A write of our own: the compacted revision is then newer than every resourceVersion that anyone has seen.
  const { header } = (await post(socketPath, '/v3/kv/put', { key: base64('/sync-sidecar/compaction') })) as PutResponse;
  // physical: the answer comes when the old revisions are gone, not when that is decided.
  await post(socketPath, '/v3/kv/compaction', { revision: header.revision, physical: true });
}

interface PutResponse {
  /** A 64-bit number, hence a string in JSON. */
  header: { revision: string };
}

function base64(key: string): string {
  return Buffer.from(key).toString('base64');
}

async function post(socketPath: string, path: string, body: object): Promise<unknown> {
  const { status, answer } = await new Promise<{ status: number; answer: string }>((resolve, reject) => {
    const call = request({ socketPath, path, method: 'POST' }, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode ?? 0, answer }), reject);
    });
    call.on('error', reject);
    call.end(JSON.stringify(body));
  });
  if (status !== 200) throw new Error(`etcd answers ${status} to ${path}: ${answer}`);
  return JSON.parse(answer);
}
