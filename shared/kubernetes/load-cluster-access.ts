import { access } from 'node:fs/promises';
import type { Logger } from '../log/log.ts';
import { hasErrorCode } from '../system-error.ts';
import { ClusterAccessError, inClusterAccess } from './cluster-access.ts';
import type { ClusterAccess } from './cluster-access.ts';

/** What a program knows of its surroundings. */
export interface LoadClusterAccessOptions {
  /** The path of a kubeconfig file. */
  readonly kubeconfig?: string;
  /** The path of one that is used when it is there. */
  readonly defaultKubeconfig?: string;
  readonly inClusterDirectory: string;
  readonly environment: Readonly<Partial<Record<'KUBERNETES_SERVICE_HOST' | 'KUBERNETES_SERVICE_PORT', string>>>;
  readonly skipTlsVerify: boolean;
  readonly log: Pick<Logger, 'warn'>;
}

/** The way to the cluster: a kubeconfig where there is one, else the pod's own files; throws ClusterAccessError. */
export async function loadClusterAccess(options: LoadClusterAccessOptions): Promise<ClusterAccess> {
  const path = await findKubeconfig(options);
  if (path === undefined) return podAccess(options);
  const { kubeconfigAccess } = await import('./kubeconfig.ts');
  return kubeconfigAccess({ path, skipTlsVerify: options.skipTlsVerify });
}

/** In a pod a kubeconfig that isn't there means, as for kiwigrid/k8s-sidecar, that the pod's own files are wanted. */
async function findKubeconfig(options: LoadClusterAccessOptions): Promise<string | undefined> {
  const { kubeconfig, defaultKubeconfig, environment, log } = options;
  const path = kubeconfig ?? defaultKubeconfig;
  if (path === undefined) return undefined;
  try {
    await access(path);
    return path;
  } catch (cause) {
    if (kubeconfig === undefined) return undefined;
    const message = `KUBECONFIG names ${kubeconfig}, which cannot be read`;
    const isMissing = hasErrorCode(cause, 'ENOENT');
    if (!isMissing || !environment.KUBERNETES_SERVICE_HOST) throw new ClusterAccessError(message, { cause });
    log.warn({ path }, 'the kubeconfig is not there; using the files of the ServiceAccount');
    return undefined;
  }
}

function podAccess({
  environment,
  inClusterDirectory,
  skipTlsVerify,
}: LoadClusterAccessOptions): Promise<ClusterAccess> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment;
  if (!host || !port) {
    throw new ClusterAccessError(
      'no cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are unset, so this is no pod; outside of a cluster set KUBECONFIG',
    );
  }
  return inClusterAccess({ directory: inClusterDirectory, host, port, skipTlsVerify });
}
