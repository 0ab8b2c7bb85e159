import { dashboard } from './dashboard.ts';
import { prometheusRule } from './prometheus-rule.ts';

/** A rule file of Prometheus: written by hand, and what the chart ships. */
const alertsPath = 'manifests/chart/files/alerts.yaml';

/**
 * What is made for monitoring, by its path. Chart and component have a copy each, as neither Helm nor kustomize reads files outside of its
 * own folder. `read` answers what is in a file of the repository.
 */
export function monitoringFiles(read: (path: string) => string): ReadonlyMap<string, () => string> {
  return new Map([
    ['manifests/components/monitoring/prometheus-rule.yaml', () => prometheusRule(read(alertsPath))],
    ['manifests/components/monitoring/dashboard.json', dashboard],
    ['manifests/chart/files/dashboard.json', dashboard],
  ]);
}
