import { ApiClient } from '../../shared/kubernetes/api-client.ts';
import { resourcePath } from '../../shared/kubernetes/resource-path.ts';
import type { Cluster } from '../../test/control-plane/cluster.ts';

/** A ConfigMap or a Secret as the demo writes it. */
export interface SyncedObject {
  kind: 'ConfigMap' | 'Secret';
  name: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  data?: Record<string, string>;
  binaryData?: Record<string, string>;
}

/** Creates, changes and deletes objects of one namespace, as the cluster's admin. */
export interface Objects {
  create(object: SyncedObject): Promise<void>;
  /** Replaces the whole object. */
  replace(object: SyncedObject): Promise<void>;
  remove(object: Pick<SyncedObject, 'kind' | 'name'>): Promise<void>;
  close(): void;
}

/** Without kubectl, whose start alone takes longer than what the demo measures. */
export function openObjects(cluster: Cluster, namespace: string): Objects {
  const client = new ApiClient({
    server: new URL(cluster.server),
    namespace,
    credentials: "the administrator's certificate",
    connectionOptions: async () => ({ ca: cluster.ca, cert: cluster.clientCertificate, key: cluster.clientKey }),
  });
  const pathOf = (kind: SyncedObject['kind'], name?: string): string =>
    resourcePath({ apiPath: '/api/v1', plural: `${kind.toLowerCase()}s`, namespace }, name);
  return {
    create: async (object) => {
      await client.request({ method: 'POST', path: pathOf(object.kind), body: bodyOf(object) });
    },
    replace: async (object) => {
      await client.request({ method: 'PUT', path: pathOf(object.kind, object.name), body: bodyOf(object) });
    },
    remove: async ({ kind, name }) => {
      await client.request({ method: 'DELETE', path: pathOf(kind, name) });
    },
    close: () => client.close(),
  };
}

function bodyOf({ kind, name, labels, annotations, data, binaryData }: SyncedObject): object {
  const content = kind === 'Secret' ? { stringData: data } : { data, binaryData };
  return { apiVersion: 'v1', kind, metadata: { name, labels, annotations }, ...content };
}
