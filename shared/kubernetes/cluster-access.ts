import { readFile } from 'node:fs/promises';
import type { OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';

/** What a request needs to be let in. An `agent` is there only when the way leads through a proxy. */
export type ConnectionOptions = Pick<
  RequestOptions,
  'agent' | 'auth' | 'ca' | 'cert' | 'key' | 'passphrase' | 'pfx' | 'rejectUnauthorized' | 'servername'
> & { readonly headers?: OutgoingHttpHeaders };

/** The way to one API server. */
export interface ClusterAccess {
  /** Its address; a path is put before every request's path. */
  readonly server: URL;
  /** The namespace of the pod or of the kubeconfig's context. */
  readonly namespace: string;
  /** For people: by what the API server knows who asks, such as `the token in /path`. */
  readonly credentials: string;
  /** Asked before every request, since tokens and certificates are replaced while the program runs. */
  connectionOptions(): Promise<ConnectionOptions>;
}

/** The cluster can't be reached for a reason that a person must mend: the message says which. */
export class ClusterAccessError extends Error {
  override readonly name = 'ClusterAccessError';
}

/** Where a pod finds its cluster. */
export interface InClusterOptions {
  /** `/var/run/secrets/kubernetes.io/serviceaccount` in a pod. */
  readonly directory: string;
  readonly host: string;
  readonly port: string;
  readonly skipTlsVerify: boolean;
}

/** Access by the files of a pod's ServiceAccount; throws ClusterAccessError naming what is missing. */
export async function inClusterAccess(options: InClusterOptions): Promise<ClusterAccess> {
  const connectionOptions = () => readConnectionOptions(options);
  const namespace = await readServiceAccountFile(options.directory, 'namespace');
  await connectionOptions();
  const host = isIPv6(options.host) ? `[${options.host}]` : options.host;
  const credentials = `the token in ${join(options.directory, 'token')}`;
  return { server: new URL(`https://${host}:${options.port}`), namespace, credentials, connectionOptions };
}

async function readConnectionOptions({ directory, skipTlsVerify }: InClusterOptions): Promise<ConnectionOptions> {
  const token = await readServiceAccountFile(directory, 'token');
  const headers = { authorization: `Bearer ${token}` };
  if (skipTlsVerify) return { headers, rejectUnauthorized: false };
  return { headers, ca: await readServiceAccountFile(directory, 'ca.crt') };
}

async function readServiceAccountFile(directory: string, name: string): Promise<string> {
  const path = join(directory, name);
  const content = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ClusterAccessError(
      `cannot read ${path}: a pod needs a ServiceAccount token (automountServiceAccountToken: true, or a projected volume), a program outside of a cluster needs KUBECONFIG`,
      { cause },
    );
  });
  if (content.trim() === '') throw new ClusterAccessError(`${path} is empty`);
  return content.trim();
}
