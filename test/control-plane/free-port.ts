import { createServer } from 'node:net';
import { once } from 'node:events';

/**
 * Finds a TCP port on which nobody listens now. Not one that the kernel would choose: such a port can become the near end of
 * somebody's outgoing connection while the API server is restarted. 20000-29999 lies below that range and below the NodePorts.
 */
export async function findFreePort(host: string, random: () => number): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = 20_000 + Math.floor(random() * 10_000);
    if (await isFree(host, port)) return port;
  }
  throw new Error(`no free port among 100 tried between 20000 and 29999 on ${host}`);
}

async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
