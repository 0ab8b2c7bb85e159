import type { Cluster } from '../control-plane/cluster.ts';
import type { Manifest } from '../product/webhook-manifests.ts';
import { nameOf } from './compare-manifests.ts';

export interface DryRun {
  /** Names of the objects that the API server accepts. */
  accepted: string[];
  /** What it refuses, and warns of. */
  words: string;
}

/**
 * Has the API server do all with objects that it does when they are applied, unknown fields refused, but for storing them.
 *
 * What it can't tell: whether what they name exists (images, Secrets, issuers, priority classes, the Service of a webhook), whether a
 * network plugin enforces a NetworkPolicy, whether Prometheus takes a PrometheusRule's expressions (promtool does), and whether
 * cert-manager and prometheus-operator accept what their CRDs let pass. Types of CEL expressions it checks after it has stored them.
 */
export async function dryRun(manifests: readonly Manifest[], cluster: Cluster): Promise<DryRun> {
  // An object of the same name that a test has installed is no conflict.
  const flags = ['--server-side', '--force-conflicts', '--dry-run=server', '--validate=strict'];
  const { stdout, stderr } = await cluster.kubectl(['apply', ...flags, '--output', 'json', '--filename', '-'], {
    // Not as a List: of one, kubectl itself looks for unknown fields.
    input: manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n'),
  });
  const { items } = JSON.parse(stdout || '{"items": []}') as { items: Manifest[] };
  return { accepted: items.map(nameOf), words: stderr };
}
