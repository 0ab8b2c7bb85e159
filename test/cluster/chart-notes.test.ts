import { describe, expect, it } from '@jest/globals';
import { chartDirectory, writeValues } from '../packaging/renderings.ts';
import { helm, useHelm } from '../packaging/use-helm.ts';
import { folder, useCluster } from './use-cluster.ts';

useCluster();
useHelm();

describe('the notes', () => {
  async function notes(values: object): Promise<string> {
    const file = await writeValues({ values, folder: folder.path });
    const release = ['sync-sidecar', chartDirectory, '--namespace', 'platform'];
    const printed = await helm.helmOutput(['install', ...release, '--dry-run=client', '--values', file]);
    return printed.split('NOTES:').at(-1) ?? '';
  }

  it('say how to see that it works, and who may read', async () => {
    const said = await notes({ registry: 'registry.example.com', readers: [{ namespace: 'shop' }] });

    expect(said).toContain('kubectl rollout status deployment/sync-sidecar-webhook --namespace platform');
    // Without --logs, by which Helm looks for the pod in the namespace of the release alone, and so fails.
    expect(said).toContain('helm test sync-sidecar --namespace platform\n');
    expect(said).toContain('     shop: ConfigMap\n');
  });

  const warnings = {
    registry: 'The names of the images have no registry',
    hostNetwork: 'must be free there, and Pod Security must allow it',
    caBundle: 'No caBundle was given',
    replicas: 'There is one replica',
    namespace: 'are not sent to the webhook',
  };

  it.each<[object, readonly (keyof typeof warnings)[]]>([
    [{ registry: 'registry.example.com' }, []],
    [{}, ['registry']],
    [{ hostNetwork: true, tls: { mode: 'files' }, replicas: 1 }, ['registry', 'hostNetwork', 'caBundle', 'replicas']],
    [{ test: { namespace: 'platform' } }, ['registry', 'namespace']],
    [{ excludedNamespaces: ['default'] }, ['registry', 'namespace']],
  ])('warn of what %j means', async (values, expected) => {
    const said = await notes(values);

    expect(
      Object.entries(warnings)
        .filter(([, words]) => said.includes(words))
        .map(([name]) => name),
    ).toEqual(expected);
  });
});
