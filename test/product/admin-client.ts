import { ApiClient } from '../../shared/kubernetes/api-client.ts';
import type { ClusterAccess } from '../../shared/kubernetes/cluster-access.ts';
import type { Connection } from '../control-plane/cluster.ts';

/** A client with the rights of an administrator, for tests that change so much that starting kubectl each time would be too slow. */
export function adminClient({ server, ca, clientCertificate: cert, clientKey: key }: Connection): ApiClient {
  const access: ClusterAccess = {
    server: new URL(server),
    namespace: 'default',
    credentials: "the administrator's certificate",
    connectionOptions: () => Promise.resolve({ ca, cert, key }),
  };
  return new ApiClient(access, { userAgent: 'test' });
}

/** The path of a ConfigMap, or of all of them in a namespace. */
export function configMapPath(namespace: string, name?: string): string {
  return `/api/v1/namespaces/${namespace}/configmaps${name === undefined ? '' : `/${name}`}`;
}
