import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';

/** A Kubernetes object as a manifest has it. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  [field: string]: unknown;
}

export interface WebhookManifestsOptions {
  /** Where the webhook listens: in place of the Service, which needs a node. */
  url: string;
  /** Put behind every name, so that several webhooks can live in one cluster. */
  suffix?: string;
  /** Only pods of namespaces with these labels are sent to the webhook. */
  namespaceLabels?: Readonly<Record<string, string>>;
}

/** What `manifests/base` ships. */
export async function shippedManifests(): Promise<Manifest[]> {
  const kustomization = await readManifests(`${base}/kustomization.yaml`);
  const { resources } = kustomization[0] as unknown as { resources: string[] };
  return (await Promise.all(resources.map((file) => readManifests(`${base}/${file}`)))).flat();
}

/** What `manifests/base` ships, with a URL in place of the Service. */
export async function webhookManifests({
  url,
  suffix = '',
  namespaceLabels = {},
}: WebhookManifestsOptions): Promise<Manifest[]> {
  const renamed = (await shippedManifests()).map((manifest) => rename(manifest, suffix));
  return renamed.map((manifest) =>
    manifest.kind === 'MutatingWebhookConfiguration' ? narrow(manifest, url, namespaceLabels) : manifest,
  );
}

/** The objects of a YAML file. */
export async function readManifests(path: string): Promise<Manifest[]> {
  return parseAllDocuments(await readFile(path, 'utf8')).map((document) => document.toJS() as Manifest);
}

const base = `${import.meta.dirname}/../../manifests/base`;
const ours = new Set(['sync-sidecar', 'sync-sidecar-webhook', 'sync-sidecar-ca']);

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
  clientConfig: object;
  namespaceSelector: object;
}

function narrow(manifest: Manifest, url: string, matchLabels: Readonly<Record<string, string>>): Manifest {
  const webhooks = (manifest.webhooks as WebhookEntry[]).map(({ namespaceSelector, ...entry }) => ({
    ...entry,
    clientConfig: { url: `${url}/mutate` },
    namespaceSelector: { ...namespaceSelector, matchLabels },
  }));
  return { ...manifest, webhooks };
}
