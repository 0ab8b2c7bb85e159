import { once } from 'node:events';
import { connect } from 'node:tls';
import { statusWhenComplete } from './answer-end.ts';

/** A TLS connection that sends one review after the other. */
export interface KeptConnection extends Disposable {
  /** Resolves when the whole answer has come; rejects unless it is 200. */
  post(): Promise<void>;
}

/**
 * Connects to a port of this machine. Not by `node:https`: with it a load takes more CPU than a server that answers with a fixed patch,
 * and would be what is measured.
 */
export async function connectTo(port: number, body: Buffer): Promise<KeptConnection> {
  const message = Buffer.concat([headOf(port, body), body]);
  // The certificate is of a CA that only the cluster knows; what a check costs is no part of what is measured.
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  let waiting: PromiseWithResolvers<void> | undefined;
  let received = '';
  const fail = (error: Error): void => waiting?.reject(error);
  socket.setNoDelay(true).setEncoding('latin1');
  socket.on('error', fail).on('close', () => fail(new Error('the connection was closed')));
  socket.on('data', (text: string) => {
    received += text;
    const status = statusWhenComplete(received);
    if (status === 200) waiting?.resolve();
    else if (status !== undefined) fail(new Error(`answered with ${status}`));
  });
  return {
    post: () => {
      received = '';
      waiting = Promise.withResolvers();
      socket.write(message);
      return waiting.promise;
    },
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

function headOf(port: number, body: Buffer): Buffer {
  const lines = ['POST /mutate?timeout=5s HTTP/1.1', `Host: 127.0.0.1:${port}`, 'Content-Type: application/json'];
  return Buffer.from(`${[...lines, `Content-Length: ${body.length}`].join('\r\n')}\r\n\r\n`);
}
