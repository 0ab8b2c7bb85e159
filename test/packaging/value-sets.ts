/** Values of the chart, each set for one way to install it; together they name every value. `tenant` is a namespace that exists. */
export function valueSets(tenant: string): Readonly<Record<string, object>> {
  return {
    'no values': {},
    'images of a registry': {
      registry: 'registry.example.com/team',
      image: { repository: 'webhook', tag: '0.1.0-1', digest, pullPolicy: 'Always' },
      sidecarImage: { repository: 'sidecar', tag: '0.1.0-1', digest },
      imagePullSecrets: [{ name: 'registry' }],
      test: { namespace: tenant, imagePullSecrets: [{ name: 'registry' }] },
    },
    'a platform with a policy': {
      configuration,
      readers: [{ namespace: tenant, kinds: ['ConfigMap', 'Secret'] }, { namespace: 'default' }],
      excludedNamespaces: ['monitoring', 'storage'],
      timeoutSeconds: 10,
      warnings: { rbacPreflight: false },
    },
    'pods of its own making': pods,
    'nothing that can be left out': {
      replicas: 1,
      metricsPort: 0,
      podDisruptionBudget: { enabled: false },
      admissionPolicy: { enabled: false },
      warnings: { enabled: false },
      topologySpreadConstraints: [],
      resources: null,
    },
    'the network of the node': { hostNetwork: true, port: 10250, metricsPort: 9090 },
    'a NetworkPolicy': {
      networkPolicy: { enabled: true, apiServerPorts: [16443], metricsFrom: [{ podSelector: {} }] },
    },
    'what watches over it': { monitoring },
    'cert-manager': { tls: { mode: 'cert-manager' } },
    'an issuer of cert-manager': {
      tls: {
        mode: 'cert-manager',
        secretName: 'webhook-tls',
        issuerRef: { name: 'vault', kind: 'ClusterIssuer', group: 'cert-manager.io' },
      },
    },
    'a certificate in a Secret': { tls: { mode: 'files', secretName: 'webhook-tls', caBundle } },
  };
}

const digest = `sha256:${'0'.repeat(64)}`;

const labels = { release: 'prometheus' };

const monitoring = {
  serviceMonitor: { enabled: true, labels, interval: '15s' },
  podMonitor: { enabled: true, labels, interval: '60s' },
  prometheusRule: {
    enabled: true,
    labels,
    disabled: ['SyncSidecarPodsRefused'],
    alertLabels: { team: 'platform' },
  },
  dashboard: {
    enabled: true,
    namespace: 'default',
    label: 'dashboard',
    labelValue: 'yes',
    annotations: { grafana_folder: 'Platform' },
  },
};

// The API server stores any; who calls the webhook needs a right one.
const caBundle = '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n';

const configuration = {
  defaults: { 'memory-limit': '96Mi' },
  profiles: { grafana: { label: 'grafana_dashboard', folder: '/var/lib/grafana/dashboards' } },
  policy: { settings: { deny: ['script'] }, locked: ['log-level'], resources: { memory: '512Mi' } },
};

const pods = {
  replicas: 3,
  resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '512Mi' } },
  priorityClassName: 'system-cluster-critical',
  nodeSelector: { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'arm64' },
  tolerations: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }],
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }] },
        ],
      },
    },
  },
  topologySpreadConstraints: [
    { topologyKey: 'kubernetes.io/hostname', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' },
    {
      topologyKey: 'topology.kubernetes.io/zone',
      maxSkew: 1,
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: { team: 'platform' } },
    },
  ],
  commonLabels: { 'example.com/cost-centre': '4711' },
  podLabels: { team: 'platform' },
  podAnnotations: { 'example.com/note': 'yes' },
  podSecurityContext: { runAsUser: 1000, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  securityContext: {
    allowPrivilegeEscalation: false,
    privileged: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  },
  log: { level: 'DEBUG', format: 'LOGFMT' },
  extraEnv: [{ name: 'SHUTDOWN_DELAY', value: '10s' }],
};
