import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { bareEnvironment, startProcess } from '../control-plane/leashed-process.ts';

export interface RelayOptions {
  /** Path of the network namespace into which it leads. */
  networkNamespace: string;
  /** A port of the loopback address in there. */
  port: number;
  /** For the socket between the two halves; its path must be shorter than 108 bytes (unix(7)). */
  folder: string;
}

export interface Relay {
  /** The port of this machine's loopback address that leads there. */
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Leads a port of this machine's loopback address into a network namespace: a socket with a path in the file system is the same in
 * every network namespace, so one process on either side of it is all that is needed.
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { networkNamespace, port: innerPort, folder } = options;
  const socket = `${folder}/relay-${innerPort}.sock`;
  const listening = Promise.withResolvers<void>();
  const said: string[] = [];
  const inner = await startProcess({
    command: process.execPath,
    args: [fileURLToPath(import.meta.url), socket, String(innerPort)],
    env: bareEnvironment(folder),
    namespaces: { network: networkNamespace },
    onLine: (line) => (line === 'listening' ? listening.resolve() : said.push(line)),
  });
  void inner.exited.then(() => listening.reject(new Error(`no relay at ${socket}: ${said.join('; ')}`)));
  await listening.promise;
  const outer = passOn({ path: socket });
  // A port of the kernel's choice: nobody else can take it in the meantime, and it is never listened to a second time.
  outer.listen(0, '127.0.0.1');
  await once(outer, 'listening');
  return {
    port: (outer.address() as AddressInfo).port,
    close: async () => {
      outer.close();
      await inner.kill();
    },
  };
}

/** A server that passes every connection on to a target. */
export function passOn(target: { path: string } | { host: string; port: number }) {
  return createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ ...target, allowHalfOpen: true });
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy()).on('close', () => far.destroy());
    far.on('error', () => near.destroy()).on('close', () => near.destroy());
  });
}

/** The half within the namespace. */
function relayInside([socket = '', port]: readonly string[]): void {
  passOn({ host: '127.0.0.1', port: Number(port) }).listen(socket, () => console.log('listening'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) relayInside(process.argv.slice(2));
