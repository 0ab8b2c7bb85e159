import type { Cluster } from '../../test/control-plane/cluster.ts';
import { eventually } from '../../test/eventually.ts';
import { readManifests, type Manifest } from '../../test/product/webhook-manifests.ts';
import type { Pod } from '../../webhook/pod.ts';

/** The example that the demo applies. */
export interface Example {
  manifests: Manifest[];
  /** The pod template of its Deployment. */
  template: PodTemplate;
  serviceAccount: string;
}

export interface PodTemplate {
  metadata: { annotations: Record<string, string>; labels?: Record<string, string> };
  spec: { serviceAccountName: string; containers: [Record<string, unknown>] };
}

export type CreatedPod = Pod & { metadata: { name: string } };

export const exampleFile = 'manifests/examples/annotated-deployment.yaml';

/** Reads the example; `adapt` replaces in its pod template what can't be here as it is in the file. What is synced the demo writes itself. */
export async function readExample(adapt: (template: PodTemplate) => void): Promise<Example> {
  const objects = await readManifests(`${import.meta.dirname}/../../${exampleFile}`);
  const manifests = objects.filter(({ kind }) => kind !== 'ConfigMap' && kind !== 'Secret');
  const deployment = manifests.find(({ kind }) => kind === 'Deployment') as Manifest & {
    spec: { template: PodTemplate };
  };
  const { template } = deployment.spec;
  adapt(template);
  return { manifests, template, serviceAccount: template.spec.serviceAccountName };
}

/** The pod that the Deployment's ReplicaSet made, as the API server stored it. */
export async function waitForPod(cluster: Cluster, namespace: string, signal: AbortSignal): Promise<CreatedPod> {
  return eventually(
    async () => {
      const { items } = await cluster.get<{ items: CreatedPod[] }>('pods', '--namespace', namespace);
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
export function podFrom({ spec, metadata }: PodTemplate, name: string, annotations: Record<string, string>): object {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { labels: metadata.labels, name, annotations }, spec };
}
