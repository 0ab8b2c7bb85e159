import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';

/** A Kubernetes object as a manifest has it. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  [field: string]: unknown;
}

export interface WebhookManifestsOptions {
  /** Where the webhook listens: in place of the Service, which needs a node. */
  url: string;
  /** Put behind every name, so that several webhooks can live in one cluster. */
  suffix?: string;
  /** Only what is in namespaces with these labels is sent to the webhook, and judged by the policy. */
  namespaceLabels?: Readonly<Record<string, string>>;
}

/** What `manifests/base` ships. */
export async function shippedManifests(): Promise<Manifest[]> {
  const kustomization = await readManifests(`${base}/kustomization.yaml`);
  const { resources } = kustomization[0] as unknown as { resources: string[] };
  return (await Promise.all(resources.map((file) => readManifests(`${base}/${file}`)))).flat();
}

/** What `manifests/base` ships, for a webhook that runs outside of the cluster: all but its pods. */
export async function manifestsWithoutPods(): Promise<Manifest[]> {
  return (await shippedManifests()).filter(({ kind }) => kind !== 'Deployment' && kind !== 'PodDisruptionBudget');
}

/** The same, with a URL in place of the Service. */
export async function webhookManifests({
  url,
  suffix = '',
  namespaceLabels = {},
}: WebhookManifestsOptions): Promise<Manifest[]> {
  const renamed = (await manifestsWithoutPods()).map((manifest) => rename(manifest, suffix));
  return renamed.map((manifest) => narrow(leadTo(url, manifest), namespaceLabels));
}

/** The objects of a YAML file. */
export async function readManifests(path: string): Promise<Manifest[]> {
  return parseManifests(await readFile(path, 'utf8'));
}

/** The objects of a text in YAML; a field that is repeated is an error. */
export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors;
    if (error) throw error;
    const manifest = document.toJS() as Manifest | null;
    // A template of Helm that renders nothing leaves an empty document.
    return manifest === null ? [] : [manifest];
  });
}

const base = `${import.meta.dirname}/../../manifests/base`;
const ours = new Set([
  'sync-sidecar',
  'sync-sidecar-webhook',
  'sync-sidecar-ca',
  'sync-sidecar-configuration',
  'sync-sidecar-configmap-reader',
  'sync-sidecar-configmap-and-secret-reader',
]);

/** Puts the suffix behind our names wherever they stand in a manifest, but for label values. */
function rename<T>(value: T, suffix: string): T {
  if (typeof value === 'string') return (ours.has(value) ? `${value}${suffix}` : value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => rename(item, suffix)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, key === 'labels' ? (field as unknown) : rename(field, suffix)]),
  ) as T;
}

interface WebhookEntry {
  clientConfig: { service: { path: string } };
  namespaceSelector: object;
}

/** Puts the URL in place of the Service. */
function leadTo(url: string, manifest: Manifest): Manifest {
  return mapWebhooks(manifest, ({ clientConfig, ...entry }) => ({
    ...entry,
    clientConfig: { url: url + clientConfig.service.path },
  }));
}

/** Leaves every namespace alone but those with the labels. */
function narrow(manifest: Manifest, matchLabels: Readonly<Record<string, string>>): Manifest {
  if (manifest.kind === 'ValidatingAdmissionPolicyBinding') {
    const matchResources = { namespaceSelector: { matchLabels } };
    return { ...manifest, spec: { ...(manifest.spec as object), matchResources } };
  }
  return mapWebhooks(manifest, ({ namespaceSelector, ...entry }) => ({
    ...entry,
    namespaceSelector: { ...namespaceSelector, matchLabels },
  }));
}

function mapWebhooks(manifest: Manifest, change: (entry: WebhookEntry) => object): Manifest {
  if (!Array.isArray(manifest.webhooks)) return manifest;
  return { ...manifest, webhooks: (manifest.webhooks as WebhookEntry[]).map(change) };
}
