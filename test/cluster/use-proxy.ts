import { afterAll, beforeAll } from '@jest/globals';
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.ts';
import { cluster } from './use-cluster.ts';

/** A way to the API server that tests can disturb. */
export let proxy: TcpProxy;

/** Gives every test of the file that calls it, after useCluster, one proxy. */
export function useProxy(): void {
  beforeAll(async () => {
    proxy = await startProxy();
  });
  afterAll(() => proxy.close());
}

export function startProxy(): Promise<TcpProxy> {
  const { hostname: host, port } = new URL(cluster.server);
  return startTcpProxy({ host, port: Number(port) });
}
