import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Asks a server of this machine over a connection of its own: GET, or POST of what is given. */
export async function ask(port: number, path: string, body?: string): Promise<Answer> {
  // As the kubelet does it: whether the API server trusts the certificate is what /readyz tells.
  const options = { host: '127.0.0.1', port, path, agent: false, rejectUnauthorized: false };
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body ?? '') };
  const sent = request({ ...options, ...(body !== undefined && { method: 'POST', headers }) }).end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, body: await text(response) };
}
