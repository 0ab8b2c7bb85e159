import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cluster } from '../control-plane/cluster.ts';
import { parseManifests, type Manifest } from '../product/webhook-manifests.ts';
import type { Helm } from './helm.ts';

export const manifestsDirectory = fileURLToPath(new URL('../../manifests', import.meta.url));
export const chartDirectory = join(manifestsDirectory, 'chart');

/** Each folder for `kubectl apply --kustomize`, and the values with which the chart installs the same. */
export const kustomizations: Readonly<Record<string, object>> = {
  base: {},
  'overlays/cert-manager': { tls: { mode: 'cert-manager' } },
  'overlays/certificate-files': { tls: { mode: 'files' } },
  'overlays/monitoring': {
    monitoring: {
      serviceMonitor: { enabled: true },
      podMonitor: { enabled: true },
      prometheusRule: { enabled: true },
      dashboard: { enabled: true },
    },
  },
  'overlays/network-policy': { networkPolicy: { enabled: true } },
  'overlays/own-registry': { registry: 'registry.example.com/team' },
};

/** What a folder of manifests becomes by `kubectl apply --kustomize`. */
export async function renderKustomization(path: string, cluster: Cluster): Promise<Manifest[]> {
  return parseManifests(await cluster.kubectlOutput(['kustomize', join(manifestsDirectory, path)]));
}

export interface ChartRendering {
  values: object;
  /** Of the release; default: sync-sidecar. */
  namespace?: string;
  /** For a file with the values. */
  folder: string;
}

/** What the chart becomes by `helm install sync-sidecar`, with the objects of `helm test`. */
export async function renderChart(rendering: ChartRendering, helm: Helm): Promise<Manifest[]> {
  const { namespace = 'sync-sidecar' } = rendering;
  const values = await writeValues(rendering);
  return parseManifests(
    await helm.helmOutput(['template', 'sync-sidecar', chartDirectory, '--namespace', namespace, '--values', values]),
  );
}

/** A file for `helm --values`. */
export async function writeValues({ values, folder }: Pick<ChartRendering, 'values' | 'folder'>): Promise<string> {
  const file = join(folder, 'values.yaml');
  // JSON is YAML.
  await writeFile(file, JSON.stringify(values));
  return file;
}
