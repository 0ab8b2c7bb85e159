import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** How a connection ends in the middle: by RST, by FIN as if all had been said, or in bytes that mean nothing. */
export type Break = 'reset' | 'end' | 'rubbish';

/** A TCP proxy on the loopback address, which can be made as bad as a network is. */
export interface TcpProxy {
  readonly port: number;
  /** How many connections were ever accepted, and how many of them are open now. */
  readonly accepted: number;
  readonly open: number;
  /** Bytes passed on so far. */
  readonly bytes: { readonly toServer: number; readonly toClient: number };
  /** From now on no byte and no FIN passes in either direction, on connections that there are and, unless told, on new ones. */
  freeze(which?: 'all' | 'open'): void;
  /** Lets everything pass again, also what was sent meanwhile. */
  thaw(): void;
  /** Resets every connection. */
  cut(): void;
  /** Lets the next `bytes` bytes pass to the clients, all connections together, and breaks all of them then. */
  cutAfter(bytes: number, how?: Break): void;
  /** Whether what `cutAfter` was told is still to come. */
  readonly isBreaking: boolean;
  /** Resets every connection and refuses new ones. */
  refuse(): Promise<void>;
  /** Accepts connections again, at the same port. */
  accept(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a proxy in front of `target` on a port of the kernel's choice. */
export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const links = new Set<Link>();
  const state: State = { accepted: 0, bytes: { toServer: 0, toClient: 0 }, frozen: false, breaking: null };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    state.accepted++;
    const link: Link = { client, server: connect({ ...target, allowHalfOpen: true }), frozen: state.frozen };
    links.add(link);
    relay(link, state, () => links.forEach((one) => breakOff(one, state)));
    for (const socket of ends(link)) socket.once('close', () => links.delete(link));
  });
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const reset = (): void => links.forEach((link) => ends(link).forEach((socket) => socket.resetAndDestroy()));
  const stopListening = async (): Promise<void> => {
    const closed = server.listening ? once(server, 'close') : undefined;
    if (closed) server.close();
    reset();
    await closed;
  };
  return {
    port,
    get accepted() {
      return state.accepted;
    },
    get open() {
      return links.size;
    },
    bytes: state.bytes,
    get isBreaking() {
      return state.breaking !== null;
    },
    freeze: (which = 'all') => {
      state.frozen = which === 'all';
      links.forEach(freezeLink);
    },
    thaw: () => {
      state.frozen = false;
      links.forEach(thawLink);
    },
    cut: reset,
    cutAfter: (bytes, how = 'reset') => {
      state.breaking = { bytes, how };
    },
    refuse: stopListening,
    accept: () => listen(port),
    close: stopListening,
  };
}

interface State {
  accepted: number;
  readonly bytes: { toServer: number; toClient: number };
  /** Whether new connections are frozen from their beginning. */
  frozen: boolean;
  /** What passes to the clients before everything breaks. */
  breaking: { bytes: number; readonly how: Break } | null;
}

interface Link {
  readonly client: Socket;
  readonly server: Socket;
  frozen: boolean;
}

function ends({ client, server }: Link): [Socket, Socket] {
  return [client, server];
}

function relay(link: Link, state: State, breakAll: () => void): void {
  const { client, server } = link;
  client.on('data', (chunk) => {
    state.bytes.toServer += chunk.length;
    server.write(chunk);
  });
  server.on('data', (chunk) => {
    const passes = chunk.subarray(0, state.breaking?.bytes);
    state.bytes.toClient += passes.length;
    client.write(passes);
    if (!state.breaking) return;
    state.breaking.bytes -= passes.length;
    if (state.breaking.bytes === 0) breakAll();
  });
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    from.on('end', () => to.end());
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
  }
  if (link.frozen) freezeLink(link);
}

function freezeLink(link: Link): void {
  link.frozen = true;
  for (const socket of ends(link)) socket.pause();
}

function thawLink(link: Link): void {
  link.frozen = false;
  for (const socket of ends(link)) socket.resume();
}

function breakOff({ client, server }: Link, state: State): void {
  const how = state.breaking?.how ?? 'reset';
  queueMicrotask(() => (state.breaking = null));
  server.destroy();
  if (how === 'reset') client.resetAndDestroy();
  else client.end(how === 'rubbish' ? 'HTTP/1.0 502 Bad Gateway\r\n\r\n' : '');
}
