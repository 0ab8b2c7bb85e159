import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { ClusterAccessError } from './cluster-access.ts';
import type { ClusterAccess, ConnectionOptions } from './cluster-access.ts';

/** Which kubeconfig file, and whether to trust any certificate. */
export interface KubeconfigOptions {
  readonly path: string;
  readonly skipTlsVerify: boolean;
}

/**
 * Access by the current context of a kubeconfig file; throws ClusterAccessError. Exec plugins, token files and client
 * certificates are client-node's business. No other file imports it, and this one is imported only when it is needed: the
 * library costs more memory than all the rest of the sidecar.
 */
export function kubeconfigAccess({ path, skipTlsVerify }: KubeconfigOptions): ClusterAccess {
  const config = loadKubeconfig(path);
  const cluster = config.getCurrentCluster();
  if (cluster === null || !URL.canParse(cluster.server)) {
    throw new ClusterAccessError(
      `the kubeconfig ${path} names no cluster: its current-context is "${config.getCurrentContext()}"`,
    );
  }
  return {
    server: new URL(cluster.server),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace ?? 'default',
    credentials: `the credentials of the kubeconfig ${path}`,
    connectionOptions: () => connectionOptions(config, skipTlsVerify),
  };
}

function loadKubeconfig(path: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromFile(path);
  } catch (error) {
    throw new ClusterAccessError(`${path} is no usable kubeconfig: ${faultOf(error)}`, {
      // A parser's own message quotes the lines around the fault, and those may hold a token.
      cause: isYamlFault(error) ? undefined : error,
    });
  }
  return config;
}

interface YamlFault {
  readonly reason: string;
  /** Absent when the fault is at no place in particular; lines count from 0. */
  readonly mark: { readonly line: number } | undefined;
}

function isYamlFault(error: unknown): error is YamlFault {
  return error instanceof Error && 'mark' in error && 'reason' in error;
}

function faultOf(error: unknown): string {
  if (isYamlFault(error)) return error.mark ? `${error.reason} in line ${error.mark.line + 1}` : error.reason;
  return error instanceof Error && !(error instanceof TypeError) ? error.message : 'it is no YAML mapping';
}

async function connectionOptions(config: KubeConfig, skipTlsVerify: boolean): Promise<ConnectionOptions> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const { agent, headers, ...rest } = options;
  return {
    ...rest,
    headers: { ...(headers as ConnectionOptions['headers']) },
    // The agent of a direct connection keeps nothing alive; the client has its own.
    ...(config.getCurrentCluster()?.proxyUrl !== undefined && { agent }),
    ...(skipTlsVerify && { rejectUnauthorized: false }),
  };
}
