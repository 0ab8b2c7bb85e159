import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { startCountingProxy } from './counting-proxy.ts';

async function startServer(
  onConnection: Parameters<typeof createServer>[1],
): Promise<AsyncDisposable & { port: number }> {
  const server = createServer(onConnection);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    server.close();
    await once(server, 'close');
  };
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: stop };
}

describe('the counting proxy', () => {
  it('passes bytes both ways and counts those that come back', async () => {
    await using server = await startServer((socket) => {
      socket.once('data', (asked) => socket.end(`${asked.toString()}, and this`));
    });
    await using proxy = await startCountingProxy(server.port);

    const client = connect({ host: '127.0.0.1', port: proxy.port });
    client.write('that');

    expect(await text(client)).toBe('that, and this');
    expect({ received: proxy.received, connections: proxy.connections }).toEqual({ received: 14, connections: 1 });
  });

  it('cuts connections on both sides', async () => {
    const closed = Promise.withResolvers<boolean>();
    await using server = await startServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('close', closed.resolve);
      socket.write('x');
    });
    await using proxy = await startCountingProxy(server.port);
    const client = connect({ host: '127.0.0.1', port: proxy.port });
    await once(client, 'data');
    const failed = once(client, 'error');

    proxy.cut();

    expect(await failed).toEqual([expect.objectContaining({ code: 'ECONNRESET' })]);
    expect(await closed.promise).toBe(true);
  });
});
