import { describe, it } from '@jest/globals';
import { isHook, withoutHelmLabels } from '../packaging/compare-manifests.ts';
import { manifestDifferences } from '../packaging/manifest-differences.ts';
import { kustomizations, renderChart } from '../packaging/renderings.ts';
import { helm, useHelm } from '../packaging/use-helm.ts';
import { valueSets } from '../packaging/value-sets.ts';
import type { Manifest } from '../product/webhook-manifests.ts';
import { expectGolden } from './golden.ts';
import { folder, useCluster } from './use-cluster.ts';

useCluster();
useHelm();

/** The values to compare with, where the defaults would differ in much that another test knows: what their overlay makes. */
const nearest: Readonly<Record<string, object | undefined>> = {
  'what watches over it': kustomizations['overlays/monitoring'],
  'a NetworkPolicy': kustomizations['overlays/network-policy'],
  'an issuer of cert-manager': kustomizations['overlays/cert-manager'],
  'a certificate in a Secret': kustomizations['overlays/certificate-files'],
};

const switchedOn = {
  ...kustomizations['overlays/cert-manager'],
  ...kustomizations['overlays/monitoring'],
  ...kustomizations['overlays/network-policy'],
};

describe('the chart changes what its golden file says, and nothing else,', () => {
  // Each value has its effect where it belongs.
  it.each(Object.entries(valueSets('tenant')))('with %s', async (name, values) => {
    const changes = manifestDifferences(await render(nearest[name] ?? {}), await render(values));

    expectGolden(`chart/${name.replaceAll(' ', '-')}`, changes);
  });

  it.each([
    ['', {}],
    [' with all that has to be switched on', switchedOn],
  ])('in another namespace%s', async (how, values) => {
    const changes = manifestDifferences(await render(values), await render(values, 'platform'));

    expectGolden(`chart/another-namespace${how.replaceAll(' ', '-')}`, changes);
  });
});

describe('for `helm test` the chart makes', () => {
  it('what its golden file says', async () => {
    const hooks = (await render({})).filter(isHook);

    expectGolden('chart/helm-test', hooks);
  });
});

async function render(values: object, namespace = 'sync-sidecar'): Promise<Manifest[]> {
  const manifests = await renderChart({ values, namespace, folder: folder.path }, helm);
  return manifests.map(withoutHelmLabels);
}
