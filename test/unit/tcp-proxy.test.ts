import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { eventually } from '../eventually.ts';
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.ts';

let server: Server;
let proxy: TcpProxy;
const clients: Client[] = [];
const accepted: Socket[] = [];

beforeEach(async () => {
  // Sends everything back.
  server = createServer((socket) => {
    accepted.push(socket);
    socket.on('error', () => undefined).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await startTcpProxy({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
});

afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.destroy();
  for (const socket of accepted.splice(0)) socket.destroy();
  await proxy.close();
  server.close();
  await once(server, 'close');
});

interface Client {
  readonly socket: Socket;
  /** What it has received. */
  received: string;
  /** `open`, `end` after a FIN, or the code of the error. */
  state: string;
}

function open(): Promise<Client> {
  return openAt(proxy.port);
}

function openDirectly(): Promise<Client> {
  return openAt((server.address() as AddressInfo).port);
}

async function openAt(port: number): Promise<Client> {
  const socket = connect(port, '127.0.0.1');
  const client: Client = { socket, received: '', state: 'open' };
  clients.push(client);
  socket.setEncoding('latin1').on('data', (text: string) => (client.received += text));
  socket.on('end', () => (client.state = 'end'));
  socket.on('error', (error: NodeJS.ErrnoException) => (client.state = error.code ?? 'error'));
  await once(socket, 'connect');
  return client;
}

async function exchange(client: Client, text: string): Promise<void> {
  const before = client.received;
  client.socket.write(text);
  await eventually(() => client.received === before + text, { timeoutMs: 5000, intervalMs: 5 });
}

describe('the TCP proxy', () => {
  it('passes bytes on in both directions, and counts them', async () => {
    const client = await open();

    await exchange(client, 'hello');

    expect(proxy.bytes).toEqual({ toServer: 5, toClient: 5 });
    expect([proxy.accepted, proxy.open]).toEqual([1, 1]);
  });

  it('passes on the end of a connection', async () => {
    const client = await open();
    await exchange(client, 'hello');

    accepted[0]?.end();

    await eventually(() => client.state === 'end', { timeoutMs: 5000, intervalMs: 5 });
  });

  it('frozen, passes neither a byte nor a FIN until it is thawed', async () => {
    const client = await open();
    await exchange(client, 'a');

    proxy.freeze();
    accepted[0]?.write('from the server');
    accepted[0]?.end();
    const later = await open();
    later.socket.write('b');
    // By now all of it has arrived at the proxy's end of the sockets, several times over.
    for (let turn = 0; turn < 20; turn++) await exchange(await openDirectly(), 'c');
    expect([client.received, client.state, later.received]).toEqual(['a', 'open', '']);

    proxy.thaw();
    await eventually(() => client.state === 'end' && later.received === 'b', { timeoutMs: 5000, intervalMs: 5 });
    expect(client.received).toBe('afrom the server');
  });

  it('freezes the connections that there are and lets new ones pass, if told', async () => {
    const client = await open();
    await exchange(client, 'a');

    proxy.freeze('open');
    client.socket.write('b');
    await exchange(await open(), 'c');

    expect(client.received).toBe('a');
  });

  it.each([
    ['reset', 'ECONNRESET', ''],
    ['end', 'end', ''],
    ['rubbish', 'end', 'HTTP/1.0 502 Bad Gateway\r\n\r\n'],
  ] as const)('breaks connections off in the middle (%s), and lets new ones pass', async (how, state, tail) => {
    const client = await open();

    proxy.cutAfter(3, how);
    client.socket.write('hello');

    await eventually(() => client.state === state, { timeoutMs: 5000, intervalMs: 5 });
    // What an RST overtakes may be lost.
    if (how !== 'reset') expect(client.received).toBe(`hel${tail}`);
    expect(proxy.bytes.toClient).toBe(3);
    await exchange(await open(), 'whole again');
  });

  it('refuses connections until it accepts them again', async () => {
    const client = await open();
    await exchange(client, 'a');

    await proxy.refuse();
    await expect(open()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await eventually(() => client.state === 'ECONNRESET', { timeoutMs: 5000, intervalMs: 5 });

    await proxy.accept();
    await exchange(await open(), 'b');
  });
});
