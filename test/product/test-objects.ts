/** Objects that tests create, in the shape that `kubectl apply` takes. */

export interface TestObjectOptions {
  /** Where it is not said with what applies it. */
  namespace?: string;
  name: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

export function configMap({
  data = {},
  binaryData,
  ...metadata
}: TestObjectOptions & { data?: Record<string, string>; binaryData?: Record<string, string> }): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data, ...(binaryData && { binaryData }) };
}

export function secret({ data = {}, ...metadata }: TestObjectOptions & { data?: Record<string, string> }): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata, stringData: data };
}

/** A pod of one container that passes Pod Security "restricted". */
export function pod({ spec = {}, ...metadata }: TestObjectOptions & { spec?: Record<string, unknown> }): object {
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [container], ...spec } };
}

const container = {
  name: 'app',
  image: 'example.com/app:1',
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    runAsNonRoot: true,
    runAsUser: 1000,
    seccompProfile: { type: 'RuntimeDefault' },
  },
};

/** The annotations of a pod that asks for a sidecar with nothing special. */
export const asking = {
  'sync-sidecar.io/inject': 'true',
  'sync-sidecar.io/label': 'dashboard',
  'sync-sidecar.io/folder': '/etc/dashboards',
};

const account = { kind: 'ServiceAccount', name: 'reader' };

/** ServiceAccount, Role and RoleBinding that let a sidecar of the namespace read what it syncs. */
export function reader(resources: readonly string[] = ['configmaps', 'secrets']): object[] {
  return [
    { apiVersion: 'v1', kind: account.kind, metadata: { name: account.name } },
    ...grant({ role: 'Role', name: account.name, resources, subject: account }),
  ];
}

/** The same for a sidecar of another namespace. */
export function readerFrom(namespace: string): object[] {
  return grant({
    role: 'Role',
    name: account.name,
    resources: ['configmaps', 'secrets'],
    subject: { ...account, namespace },
  });
}

/** ClusterRole and ClusterRoleBinding that let the same sidecar read it in all namespaces. */
export function clusterReader(namespace: string): object[] {
  const resources = ['configmaps', 'secrets'];
  return grant({ role: 'ClusterRole', name: namespace, resources, subject: { ...account, namespace } });
}

interface Grant {
  role: 'Role' | 'ClusterRole';
  /** Of the role and its binding. */
  name: string;
  resources: readonly string[];
  subject: object;
}

function grant({ role, name, resources, subject }: Grant): object[] {
  const group = 'rbac.authorization.k8s.io';
  const apiVersion = `${group}/v1`;
  const metadata = { name };
  return [
    { apiVersion, kind: role, metadata, rules: [{ apiGroups: [''], resources, verbs: ['get', 'list', 'watch'] }] },
    {
      apiVersion,
      kind: `${role}Binding`,
      metadata,
      roleRef: { apiGroup: group, kind: role, name },
      subjects: [subject],
    },
  ];
}
