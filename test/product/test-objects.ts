/** Objects that tests create, in the shape that `kubectl apply` takes. */

export interface TestObjectOptions {
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

export function deployment({ spec, ...metadata }: TestObjectOptions & { spec?: Record<string, unknown> }): object {
  const labels = { app: metadata.name };
  const template = {
    metadata: { labels, annotations: metadata.annotations },
    spec: { containers: [container], ...spec },
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: metadata.name },
    spec: { replicas: 2, selector: { matchLabels: labels }, template },
  };
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

/** ServiceAccount, Role and RoleBinding that let a sidecar of the namespace read what it syncs. */
export function reader(resources: readonly string[] = ['configmaps', 'secrets']): object[] {
  const metadata = { name: 'reader' };
  const group = 'rbac.authorization.k8s.io';
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: `${group}/v1`,
      kind: 'Role',
      metadata,
      rules: [{ apiGroups: [''], resources, verbs: ['get', 'list', 'watch'] }],
    },
    {
      apiVersion: `${group}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: group, kind: 'Role', name: 'reader' },
      subjects: [{ kind: 'ServiceAccount', name: 'reader' }],
    },
  ];
}
