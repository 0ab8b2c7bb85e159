import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { bareEnvironment, startProcess } from '../control-plane/leashed-process.ts';
import { passOn, startRelay, type Relay } from '../node/relay.ts';

/** The network namespace that the containers of a pod share: a loopback interface alone, with ways to the ports of this machine. */
export interface PodNetwork {
  /** Path of the namespace. */
  readonly namespace: string;
  /** A port of this machine's loopback address that leads to one of the pod's. */
  reach(port: number): Promise<number>;
  close(): Promise<void>;
}

export interface PodNetworkOptions {
  /** For sockets; its path is to be short (unix(7)). */
  readonly folder: string;
  /** A port of the pod's loopback addresses, and that of this machine to which it leads. */
  readonly ways: ReadonlyMap<number, number>;
}

/** Why no network of a pod can be made here, or false. */
export const noPodNetworks: string | false = reasonForNoNetworks();

export async function startPodNetwork({ folder, ways }: PodNetworkOptions): Promise<PodNetwork> {
  const outside = await Promise.all([...ways].map(([port, target]) => listenAt(socketOf(folder, port), target)));
  const inside = await startInside(folder, [...ways.keys()]);
  const namespace = `/proc/${inside.pid}/ns/net`;
  const relays = new Map<number, Promise<Relay>>();
  return {
    namespace,
    reach: async (port) => {
      const relay = relays.get(port) ?? startRelay({ networkNamespace: namespace, port, folder });
      relays.set(port, relay);
      return (await relay).port;
    },
    close: async () => {
      for (const relay of relays.values()) await (await relay).close();
      await inside.kill();
      for (const server of outside) server.close();
    },
  };
}

/** As in relay.ts, a socket with a path in the file system is the same in every network namespace. */
function socketOf(folder: string, port: number): string {
  return `${folder}/out-${port}.sock`;
}

async function listenAt(socket: string, port: number): Promise<Server> {
  const server = passOn({ host: '127.0.0.1', port }).listen(socket);
  await once(server, 'listening');
  return server;
}

/** Starts the process within the namespace, which lasts as long as it does. */
async function startInside(folder: string, ports: readonly number[]) {
  const listening = Promise.withResolvers<void>();
  const said: string[] = [];
  const program = [process.execPath, fileURLToPath(import.meta.url), folder, ...ports.map(String)];
  const inside = await startProcess({
    command: 'unshare',
    args: ['--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', ...program],
    env: bareEnvironment(folder),
    onLine: (line) => (line === 'listening' ? listening.resolve() : said.push(line)),
  });
  void inside.exited.then(() => listening.reject(new Error(`no network for the pod: ${said.join('; ')}`)));
  await listening.promise;
  return inside;
}

/** The half within the namespace. */
async function listenInside([folder = '', ...ports]: readonly string[]): Promise<void> {
  const servers = ports.map((port) => passOn({ path: socketOf(folder, Number(port)) }).listen(Number(port)));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  // Keeps the namespace where there is no way at all.
  createServer().listen(`${folder}/inside.sock`, () => console.log('listening'));
}

function reasonForNoNetworks(): string | false {
  try {
    execFileSync('unshare', ['--net', 'ip', 'link', 'set', 'lo', 'up'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'no network namespace can be made: not root, or no `ip`';
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) void listenInside(process.argv.slice(2));
