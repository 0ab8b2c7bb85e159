import type { Kind } from '../../shared/settings/kind.ts';
import { objectName, rfc1123Label } from '../../shared/settings/kubernetes-kind.ts';
import { webhookSettings } from '../../webhook/settings.ts';
import { generousWords, list, mapping, type Schema } from '../configuration/schema-parts.ts';

const text: Schema = { type: 'string' };
const { TLS_MODE, LOG_LEVEL, LOG_FORMAT } = webhookSettings.process;

/** What values of the chart may be, by name, where their default does not say all of it. */
export const valueSchemas: Readonly<Record<string, Schema>> = {
  // https://kubernetes.io/docs/concepts/containers/images/#image-names
  registry: { type: 'string', pattern: '^([a-zA-Z0-9.-]+(:[0-9]+)?(/[a-zA-Z0-9._-]+)*/?)?$' },
  'image.repository': repository(),
  'image.tag': tag(),
  'image.digest': digest(),
  'image.pullPolicy': { enum: ['Always', 'IfNotPresent', 'Never'] },
  'sidecarImage.repository': repository(),
  'sidecarImage.tag': tag(),
  'sidecarImage.digest': digest(),
  imagePullSecrets: secrets(),
  readers: list(object({ namespace: namespace(), kinds: list({ enum: ['ConfigMap', 'Secret'] }) }, ['namespace'])),
  excludedNamespaces: list(namespace()),
  // https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#timeouts
  timeoutSeconds: { type: 'integer', minimum: 1, maximum: 30 },
  'tls.mode': { enum: wordsOf(TLS_MODE) },
  'tls.secretName': { type: 'string', pattern: orEmpty(objectName) },
  // PEM, or the base64 of it.
  'tls.caBundle': {
    type: 'string',
    pattern: '^(\\s*|\\s*-----BEGIN CERTIFICATE-----[\\s\\S]*|\\s*LS0tLS1CRUdJTi[A-Za-z0-9+/=\\s]*)$',
  },
  'tls.issuerRef': object({ name: text, kind: text, group: text }),
  replicas: { type: 'integer', minimum: 1 },
  nodeSelector: texts(),
  tolerations: list({ type: 'object' }),
  topologySpreadConstraints: list({ type: 'object', required: ['topologyKey', 'maxSkew', 'whenUnsatisfiable'] }),
  commonLabels: texts(),
  podLabels: texts(),
  podAnnotations: texts(),
  'log.level': generousWords(wordsOf(LOG_LEVEL)),
  'log.format': generousWords(wordsOf(LOG_FORMAT)),
  extraEnv: list(
    object({ name: { type: 'string', minLength: 1 }, value: text, valueFrom: { type: 'object' } }, ['name']),
  ),
  port: { type: 'integer', minimum: 1, maximum: 65535 },
  metricsPort: { type: 'integer', minimum: 0, maximum: 65535 },
  // A rule without ports would be one for all of them.
  'networkPolicy.apiServerPorts': { ...list({ type: 'integer', minimum: 1, maximum: 65535 }), minItems: 1 },
  'networkPolicy.metricsFrom': list({ type: 'object' }),
  'monitoring.serviceMonitor.labels': texts(),
  'monitoring.serviceMonitor.interval': prometheusDuration(),
  'monitoring.podMonitor.labels': texts(),
  'monitoring.podMonitor.interval': prometheusDuration(),
  'monitoring.prometheusRule.labels': texts(),
  'monitoring.prometheusRule.disabled': list({ type: 'string', minLength: 1 }),
  'monitoring.prometheusRule.alertLabels': texts(),
  'monitoring.dashboard.namespace': { type: 'string', pattern: orEmpty(rfc1123Label) },
  'monitoring.dashboard.label': { type: 'string', minLength: 1 },
  'monitoring.dashboard.annotations': texts(),
  'test.namespace': namespace(),
  'test.imagePullSecrets': secrets(),
};

/** Perhaps with a registry of its own, but without a tag. */
function repository(): Schema {
  return { type: 'string', pattern: '^([a-z0-9.-]+:[0-9]+/)?[a-z0-9]+([._/-]+[a-z0-9]+)*$' };
}

/** A tag that looks like a number has to be in quotes: 1.10 would be 1.1. */
function tag(): Schema {
  return { type: 'string', pattern: '^([a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127})?$' };
}

function digest(): Schema {
  return { type: 'string', pattern: '^(sha256:[0-9a-f]{64})?$' };
}

function secrets(): Schema {
  return list(object({ name: { type: 'string', pattern: objectName.source } }, ['name']));
}

function namespace(): Schema {
  return { type: 'string', pattern: rfc1123Label.source };
}

/** https://prometheus.io/docs/prometheus/latest/configuration/configuration/ */
function prometheusDuration(): Schema {
  return { type: 'string', pattern: '^([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$' };
}

/** Labels and the like, where Kubernetes takes nothing but text. */
function texts(): Schema {
  return { type: 'object', additionalProperties: text };
}

function object(properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema {
  return { ...mapping(properties), type: 'object', ...(required.length > 0 && { required }) };
}

function wordsOf({ kind }: { kind: Kind<string> }): readonly string[] {
  return kind.words ?? [];
}

function orEmpty({ source }: RegExp): string {
  return `^$|${source}`;
}
