import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import tls from 'node:tls';
import type { Cluster } from '../control-plane/cluster.ts';
import { findFreePort } from '../control-plane/free-port.ts';
import { startConnectionBalancer, type ConnectionBalancer } from './connection-balancer.ts';
import type { Program } from './program.ts';
import { webhookManifests } from './webhook-manifests.ts';
import { environmentOf, startReadyWebhook, type WebhookProgramOptions } from './webhook-program.ts';

/** One replica of the webhook. */
export interface Replica {
  readonly program: Program;
  readonly port: number;
  /** The certificate that a new connection is shown. */
  servedCertificate(): Promise<X509Certificate>;
}

/** Several replicas behind something like a Service. */
export interface WebhookReplicas {
  readonly balancer: ConnectionBalancer;
  /** Starts one more, with an environment of its own if need be; it is ready then, and nobody is sent to it yet. */
  start(env?: Readonly<Record<string, string>>): Promise<Replica>;
  /** Kills what still runs. */
  close(): Promise<void>;
}

/** Registers the webhook as `manifests/base` does, with a balancer in place of the Service. */
export async function registerReplicas(cluster: Cluster, options: WebhookProgramOptions): Promise<WebhookReplicas> {
  const balancer = await startConnectionBalancer();
  await cluster.apply(await webhookManifests({ ...options, url: `https://127.0.0.1:${balancer.port}` }));
  const programs: Program[] = [];
  const start: WebhookReplicas['start'] = async (own = {}) => {
    const port = await findFreePort('127.0.0.1', Math.random);
    const env = await environmentOf(cluster, { ...options, env: { ...options.env, ...own }, port });
    const program = await startReadyWebhook({ env, home: options.folder }, `https://127.0.0.1:${port}`);
    programs.push(program);
    return { program, port, servedCertificate: () => servedCertificate(port) };
  };
  const close = async (): Promise<void> => {
    await Promise.all(programs.map((program) => program.kill()));
    await balancer.close();
  };
  return { balancer, start, close };
}

async function servedCertificate(port: number): Promise<X509Certificate> {
  const socket = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const certificate = socket.getPeerX509Certificate();
  socket.destroy();
  if (!certificate) throw new Error('no certificate was shown');
  return certificate;
}
