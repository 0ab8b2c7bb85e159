import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A port of the loopback address that stands for a Service. */
export interface ConnectionBalancer {
  readonly port: number;
  /** Ports of the loopback address: each new connection goes to the next of them, and stays there. */
  backends: readonly number[];
  /** Breaks all connections off. */
  close(): Promise<void>;
}

/** Passes connections on as kube-proxy does: it knows nothing of what they carry. */
export async function startConnectionBalancer(): Promise<ConnectionBalancer> {
  const sockets = new Set<Socket>();
  let turn = 0;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const port = balancer.backends[turn++ % balancer.backends.length];
    if (port === undefined) return client.resetAndDestroy();
    const backend = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    for (const [from, to] of [
      [client, backend],
      [backend, client],
    ] as const) {
      sockets.add(from.once('close', () => sockets.delete(from)));
      from.pipe(to);
      from.on('error', () => to.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const balancer: ConnectionBalancer = {
    port: (server.address() as AddressInfo).port,
    backends: [],
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  return balancer;
}
