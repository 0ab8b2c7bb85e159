import type { ApiClient } from '../../shared/kubernetes/api-client.ts';
import { resourcePath, type ResourceScope } from '../../shared/kubernetes/resource-path.ts';

/** A webhook configuration of either kind, as far as we read it. */
export interface WebhookConfiguration {
  webhooks?: readonly WebhookEntry[];
}

/** One of its entries. */
export interface WebhookEntry {
  name: string;
  clientConfig: {
    url?: string;
    service?: { namespace: string; name: string };
    /** PEM in base64. */
    caBundle?: string;
  };
}

/** Which configuration, and how to reach it. */
export interface ConfigurationOptions {
  client: Pick<ApiClient, 'request'>;
  /** Its kind; mutating unless told. */
  resource?: ResourceScope;
  name: string;
  signal: AbortSignal;
}

const apiPath = '/apis/admissionregistration.k8s.io/v1';

/** Where the configurations are found that change objects. */
export const webhookConfigurations: ResourceScope = { apiPath, plural: 'mutatingwebhookconfigurations' };

/** Where those are found that only look at them. */
export const validatingConfigurations: ResourceScope = { apiPath, plural: 'validatingwebhookconfigurations' };

/** Reads the live configuration. */
export async function readConfiguration(options: ConfigurationOptions): Promise<WebhookConfiguration> {
  const { client, resource = webhookConfigurations, name, signal } = options;
  const path = resourcePath(resource, name);
  return (await client.request({ method: 'GET', path, signal })) as WebhookConfiguration;
}

/** Sees to it that every entry of the configuration carries the bundle, and returns the configuration that is live then. */
export async function ensureCaBundle(
  found: WebhookConfiguration,
  bundle: string,
  { client, resource = webhookConfigurations, name, signal }: ConfigurationOptions,
): Promise<WebhookConfiguration> {
  const body = caBundlePatch(found, bundle);
  if (body.length === 0) return found;
  const path = resourcePath(resource, name);
  const contentType = 'application/json-patch+json';
  return (await client.request({ method: 'PATCH', path, contentType, body, signal })) as WebhookConfiguration;
}

/** The hosts that the API server will look for in our certificate, and the other names of the same service. */
export function servedHosts({ webhooks = [] }: WebhookConfiguration): string[] {
  return [...new Set(webhooks.flatMap(hostsOf))];
}

/** The host name by which the API server calls an entry, and which it looks for in the certificate; null where it can't call. */
export function calledHost({ clientConfig: { service, url } }: WebhookEntry): string | null {
  // https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference
  if (service !== undefined) return `${service.name}.${service.namespace}.svc`;
  if (url === undefined || !URL.canParse(url)) return null;
  return new URL(url).hostname.replace(/^\[|\]$/g, ''); // [::1]
}

/**
 * Entries are addressed by their position, so each is tested for its name: had somebody reordered them since, the API server
 * would refuse the whole patch (422). Sending the whole object instead would undo what others changed in it.
 */
function caBundlePatch({ webhooks = [] }: WebhookConfiguration, bundle: string): object[] {
  const value = Buffer.from(bundle).toString('base64');
  return webhooks.flatMap(({ name, clientConfig }, index) =>
    clientConfig.caBundle === value
      ? []
      : [
          { op: 'test', path: `/webhooks/${index}/name`, value: name },
          { op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value }, // which replaces one that is there
        ],
  );
}

function hostsOf(entry: WebhookEntry): string[] {
  const { service } = entry.clientConfig;
  const host = calledHost(entry);
  if (host === null) return [];
  return service ? [host, `${host}.cluster.local`, `${service.name}.${service.namespace}`] : [host];
}
