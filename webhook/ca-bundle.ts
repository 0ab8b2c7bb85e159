import type { ApiClient } from '../shared/kubernetes/api-client.ts';
import { resourcePath, type ResourceScope } from '../shared/kubernetes/resource-path.ts';
import { isGoodFor, parseBundle, parseCertificate } from './certificate.ts';

/** A webhook configuration of either kind, as far as we read it. */
export interface WebhookConfiguration {
  webhooks?: readonly WebhookEntry[];
}

interface WebhookEntry {
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

/** Says why the API server would not accept the certificate, or null. */
export function mistrustReason(
  { webhooks = [] }: WebhookConfiguration,
  certificatePem: string,
  now: number,
): string | null {
  if (webhooks.length === 0) return 'the webhook configuration has no entries';
  for (const entry of webhooks) {
    const reason = entryMistrustReason(entry, certificatePem, now);
    if (reason !== null) return `webhook "${entry.name}": ${reason}`;
  }
  return null;
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

function hostsOf({ clientConfig: { service, url } }: WebhookEntry): string[] {
  // The API server calls a service by its name `<name>.<namespace>.svc`:
  // https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference
  if (service !== undefined) {
    const { name, namespace } = service;
    return [`${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`, `${name}.${namespace}`];
  }
  if (url === undefined || !URL.canParse(url)) return [];
  return [new URL(url).hostname.replace(/^\[|\]$/g, '')]; // [::1]
}

function entryMistrustReason(entry: WebhookEntry, certificatePem: string, now: number): string | null {
  const certificate = parseCertificate(certificatePem);
  if (certificate === null || now > certificate.validToDate.getTime()) return 'the serving certificate has expired';
  const bundle = Buffer.from(entry.clientConfig.caBundle ?? '', 'base64').toString();
  const cas = parseBundle(bundle).filter((ca) => now <= ca.validToDate.getTime());
  if (!cas.some((ca) => certificate.checkIssued(ca) && certificate.verify(ca.publicKey))) {
    return 'the caBundle does not verify the serving certificate';
  }
  const missing = hostsOf(entry).filter((host) => !isGoodFor(certificate, host));
  return missing.length > 0 ? `the serving certificate does not name ${missing.join(', ')}` : null;
}
