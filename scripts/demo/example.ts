import type { Cluster } from '../../test/control-plane/cluster.ts';
import { eventually } from '../../test/eventually.ts';
import { readManifests, type Manifest } from '../../test/product/webhook-manifests.ts';
import type { Pod } from '../../webhook/pod.ts';

/** The example that the demo applies, and what differs from the file. */
export interface Example {
  manifests: Manifest[];
  /** The pod template of its Deployment. */
  template: Pod & { metadata: { annotations: Record<string, string>; labels?: Record<string, string> } };
  serviceAccount: string;
}

export const exampleFile = 'manifests/examples/annotated-deployment.yaml';

/** Reads the example; `annotations` replace those that name ports, as here everything shares this machine's. */
export async function readExample(annotations: Record<string, string>): Promise<Example> {
  const manifests = await readManifests(`${import.meta.dirname}/../../${exampleFile}`);
  const deployment = manifests.find(({ kind }) => kind === 'Deployment') as Manifest & {
    spec: { template: Example['template'] };
  };
  const { template } = deployment.spec;
  Object.assign(template.metadata.annotations, annotations);
  return { manifests, template, serviceAccount: (template.spec as { serviceAccountName: string }).serviceAccountName };
}

/** The pod that the Deployment's ReplicaSet made, as the API server stored it. */
export async function waitForPod(cluster: Cluster, namespace: string, signal: AbortSignal): Promise<Pod> {
  return eventually(
    async () => {
      const { items } = await cluster.get<{ items: Pod[] }>('pods', '--namespace', namespace);
      return items[0];
    },
    { timeoutMs: 20_000, intervalMs: 100, signal },
  );
}

/** The same pod as the API server stores it without the webhook: a dry run of one that opts out. */
export async function podWithoutInjection(cluster: Cluster, namespace: string, { template }: Example): Promise<Pod> {
  const pod = podFrom(template, 'without-injection', {
    ...template.metadata.annotations,
    'sync-sidecar.io/inject': 'false',
  });
  const args = ['create', '--dry-run=server', '--output', 'json', '--namespace', namespace, '--filename', '-'];
  return JSON.parse(await cluster.kubectlOutput(args, { input: JSON.stringify(pod) })) as Pod;
}

/** A pod of the template by another name and with other annotations. */
export function podFrom(
  { spec, metadata }: Example['template'],
  name: string,
  annotations: Record<string, string>,
): object {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { labels: metadata.labels, name, annotations }, spec };
}
