import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, request, type ClientRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBody } from './read-body.ts';

const limit = 10;

let server: Server;

beforeEach(async () => {
  server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** A request whose head is sent; answers both ends of it. */
async function begin(headers: Record<string, string | number> = {}): Promise<[ClientRequest, IncomingMessage]> {
  const { port } = server.address() as AddressInfo;
  const client = request({ port, host: '127.0.0.1', method: 'POST', headers }).on('error', () => undefined);
  client.flushHeaders();
  const [received] = (await once(server, 'request')) as [IncomingMessage];
  return [client, received];
}

describe('the body of a request', () => {
  it('is read to its end, in however many pieces it comes', async () => {
    const [client, received] = await begin();
    const body = readBody(received, limit);
    const arrived = once(received, 'data');
    client.write('01234');
    await arrived;
    client.end('56789');

    expect(await body).toEqual({ content: Buffer.from('0123456789') });
  });

  it('is too long as soon as a byte too much is announced', async () => {
    const [, received] = await begin({ 'content-length': limit + 1 });

    expect(await readBody(received, limit)).toEqual({ problem: 'too long' });
  });

  it('is too long as soon as a byte too much has come', async () => {
    const [client, received] = await begin();
    client.write('01234567890');

    expect(await readBody(received, limit)).toEqual({ problem: 'too long' });
  });

  it('that is broken off is told to be so', async () => {
    const [client, received] = await begin({ 'content-length': limit });
    const body = readBody(received, limit);
    const arrived = once(received, 'data');
    client.write('01234');
    await arrived;

    client.destroy();

    expect(await body).toEqual({ problem: 'broken off' });
  });
});
