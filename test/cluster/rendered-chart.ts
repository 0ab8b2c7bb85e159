import { renderChart } from '../packaging/renderings.ts';
import { helm } from '../packaging/use-helm.ts';
import type { Manifest } from '../product/webhook-manifests.ts';
import { folder } from './use-cluster.ts';

/** What the chart makes of values, in the release's namespace `sync-sidecar` or another one. */
export function render(values: object, namespace?: string): Promise<Manifest[]> {
  return renderChart({ values, folder: folder.path, ...(namespace !== undefined && { namespace }) }, helm);
}

export interface Container {
  image: string;
  env: { name: string; value: string }[];
  ports: { containerPort: number }[];
}

export interface Deployment {
  strategy: object;
  template: { spec: { containers: [Container]; hostNetwork?: boolean; dnsPolicy?: string } };
}

/** What the webhook's Deployment is to be. */
export function deployment(manifests: readonly Manifest[]): Deployment {
  return manifests.find(({ kind }) => kind === 'Deployment')?.spec as Deployment;
}

export function container(manifests: readonly Manifest[]): Container {
  return deployment(manifests).template.spec.containers[0];
}

/** The variables of the webhook, with their values. */
export function environment(manifests: readonly Manifest[]): Record<string, string> {
  return Object.fromEntries(container(manifests).env.map(({ name, value }) => [name, value]));
}
