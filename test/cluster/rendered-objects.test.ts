import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { nameOf, withoutHelm } from '../packaging/compare-manifests.ts';
import { findOrFetchCrds } from '../packaging/crd-files.ts';
import { dryRun } from '../packaging/dry-run.ts';
import { kustomizations, manifestsDirectory, renderChart, renderKustomization } from '../packaging/renderings.ts';
import { helm, useHelm } from '../packaging/use-helm.ts';
import { valueSets } from '../packaging/value-sets.ts';
import { cluster, folder, useCluster } from './use-cluster.ts';

useCluster();
useHelm(() => cluster);

/** Has the API server warn of pods that it would refuse: it judges the pods themselves, and these are made later. */
const restricted = { 'pod-security.kubernetes.io/warn': 'restricted' };
/** Where the chart is installed and tested. */
let tenant: string;

beforeAll(async () => {
  await installCrds();
  await makeNamespace('sync-sidecar');
  tenant = await cluster.createNamespace('tenant', restricted);
  // Without it, the pod of `helm test` is refused.
  await cluster.kubectlOutput(['create', 'serviceaccount', 'sync-sidecar-test', '--namespace', tenant]);
}, 60_000);

describe('kustomize and chart', () => {
  it('know the same ways to install', async () => {
    const overlays = await readdir(join(manifestsDirectory, 'overlays'));

    expect(Object.keys(kustomizations)).toEqual(['base', ...overlays.sort().map((name) => `overlays/${name}`)]);
  });

  it.each(Object.entries(kustomizations))('make the same objects of %s', async (path, values) => {
    const kustomized = await renderKustomization(path, cluster);
    const charted = await renderChart({ values, folder: folder.path }, helm);

    expect(withoutHelm(charted)).toEqual(withoutHelm(kustomized));
  });
});

describe('the API server accepts, to the letter and without a warning, every object', () => {
  it.each(Object.keys(kustomizations))('of %s', async (path) => {
    const manifests = await renderKustomization(path, cluster);

    expect(await dryRun(manifests, cluster)).toEqual({ accepted: manifests.map(nameOf), words: '' });
  });

  // Only these names are known before there is a namespace.
  it.each(Object.keys(valueSets('')))('of the chart with %s', async (name) => {
    const values = { test: { namespace: tenant }, ...valueSets(tenant)[name] };
    const manifests = await renderChart({ values, namespace: tenant, folder: folder.path }, helm);

    expect(await dryRun(manifests, cluster)).toEqual({ accepted: manifests.map(nameOf), words: warnings[name] ?? '' });
  });
});

const warnings: Readonly<Record<string, string>> = {
  'the network of the node':
    'Warning: would violate PodSecurity "restricted:latest": host namespaces (hostNetwork=true)\n',
};

async function installCrds(): Promise<void> {
  const signal = new AbortController().signal;
  const paths = await findOrFetchCrds({ env: process.env, onProgress: () => undefined, signal });
  for (const path of paths) await serverSideApply(await readFile(path, 'utf8'));
  await cluster.kubectlOutput(['wait', '--for=condition=Established', 'customresourcedefinition', '--all']);
}

/** Another test may have made it, too. */
async function makeNamespace(name: string): Promise<void> {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: restricted } };
  await serverSideApply(JSON.stringify(namespace));
}

/** An annotation with the whole object, as `kubectl apply` makes it, would be too large for a CRD, and is warned of in a dry run. */
function serverSideApply(input: string): Promise<string> {
  return cluster.kubectlOutput(['apply', '--server-side', '--filename', '-'], { input });
}
