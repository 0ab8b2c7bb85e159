/** What is built: the name of each bundle, and the file that it begins with. */
export const programs = { webhook: 'webhook/main.ts', sidecar: 'sidecar/main.ts' } as const;

/**
 * Bundles that lie beside a program's own and are loaded by who needs them. Each costs memory even where it is not used:
 * client-node 23 MB, prom-client 1.6 MB.
 */
export const lazyChunks = {
  kubeconfig: 'shared/kubernetes/kubeconfig.ts',
  metrics: 'sidecar/health/metrics.ts',
  'webhook-metrics': 'webhook/metrics/metrics.ts',
  'log-config': 'shared/log/log-config/log-config.ts',
} as const;
