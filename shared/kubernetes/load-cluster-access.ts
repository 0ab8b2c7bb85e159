import { access } from 'node:fs/promises';
import { ClusterAccessError, inClusterAccess } from './cluster-access.ts';
import type { ClusterAccess } from './cluster-access.ts';

/** What a program knows of its surroundings. */
export interface LoadClusterAccessOptions {
  /** The path of a kubeconfig file; without it the program must run in a pod. */
  readonly kubeconfig?: string;
  readonly inClusterDirectory: string;
  readonly environment: Readonly<Partial<Record<'KUBERNETES_SERVICE_HOST' | 'KUBERNETES_SERVICE_PORT', string>>>;
  readonly skipTlsVerify: boolean;
}

/** The way to the cluster: a kubeconfig if one is named, else the pod's own files; throws ClusterAccessError. */
export async function loadClusterAccess(options: LoadClusterAccessOptions): Promise<ClusterAccess> {
  const { kubeconfig, skipTlsVerify } = options;
  if (kubeconfig === undefined) return podAccess(options);
  await access(kubeconfig).catch((cause: unknown) => {
    throw new ClusterAccessError(`KUBECONFIG names ${kubeconfig}, which cannot be read`, { cause });
  });
  const { kubeconfigAccess } = await import('./kubeconfig.ts');
  return kubeconfigAccess({ path: kubeconfig, skipTlsVerify });
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
