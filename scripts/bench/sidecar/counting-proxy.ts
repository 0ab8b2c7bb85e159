import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP relay that counts what comes back, and can cut all connections. TLS passes through it untouched. */
export interface CountingProxy extends AsyncDisposable {
  readonly port: number;
  /** Bytes from the server since the start. */
  readonly received: number;
  /** Connections since the start. */
  readonly connections: number;
  /** Ends all connections at once (RST), as a load balancer does that is restarted. */
  cut(): void;
}

/** Relays a port of 127.0.0.1 of its own to another one. */
export async function startCountingProxy(toPort: number): Promise<CountingProxy> {
  const counted = { received: 0, connections: 0 };
  const open = new Set<Socket>();
  const server = createServer((client) => {
    counted.connections += 1;
    const upstream = connect({ host: '127.0.0.1', port: toPort });
    upstream.on('data', (chunk) => (counted.received += chunk.length));
    join(client, upstream, open);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of open) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    get received() {
      return counted.received;
    },
    get connections() {
      return counted.connections;
    },
    cut,
    [Symbol.asyncDispose]: async () => {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}

function join(client: Socket, upstream: Socket, open: Set<Socket>): void {
  for (const [from, to] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    open.add(from);
    from.setNoDelay(true).pipe(to);
    // Why it ended is not the relay's concern, only that the other side ends too: nobody else would read what still comes.
    from.on('error', () => undefined);
    from.on('close', () => to.destroySoon());
    from.on('close', () => open.delete(from));
  }
}
