import { isRecord } from '../../shared/is-record.ts';
import { nearestName } from '../../shared/settings/nearest-name.ts';
import type { Pod } from '../pod.ts';

/** A pod as the API server would send it to the webhook, or why it would not take it. */
export type ReviewedPod = { readonly pod: Pod } | { readonly faults: readonly string[] };

/** What of a manifest the API server changes or refuses before webhooks see it, as far as a decision depends on it. */
export function reviewedPod(manifest: unknown): ReviewedPod {
  const pod = asSent(manifest);
  const faults = [...shapeFaults(pod, podShape, '')];
  return faults.length > 0 ? { faults } : { pod: pod as Pod };
}

/** Fields that are null are as if they were not there, and a quantity that is a number becomes text. */
function asSent(value: unknown, field = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => asSent(item));
  if (!isRecord(value)) return quantityFields.includes(field) && typeof value === 'number' ? String(value) : value;
  const entries = Object.entries(value).filter(([, content]) => content !== null);
  const inside = ['requests', 'limits'].includes(field) ? 'quantity' : undefined;
  return Object.fromEntries(entries.map(([name, content]) => [name, asSent(content, inside ?? name)]));
}

const quantityFields = ['quantity', 'sizeLimit'];

/** What a value has to be: a type, a list or a map of one shape, or a mapping with fields. */
type Shape = 'string' | 'number' | 'boolean' | { list: Shape } | { each: Shape } | Mapping;

interface Mapping {
  readonly fields: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
}

const strings: Shape = { each: 'string' };
const resources: Shape = { fields: { requests: strings, limits: strings } };
const mount: Shape = {
  required: ['name', 'mountPath'],
  fields: { name: 'string', mountPath: 'string', subPath: 'string', readOnly: 'boolean' },
};
const device: Shape = { required: ['name', 'devicePath'], fields: { name: 'string', devicePath: 'string' } };
const securityContext: Shape = { fields: { runAsUser: 'number' } };
const container: Shape = {
  required: ['name'],
  fields: {
    name: 'string',
    image: 'string',
    restartPolicy: 'string',
    command: { list: 'string' },
    args: { list: 'string' },
    env: { list: { required: ['name'], fields: { name: 'string', value: 'string', valueFrom: { fields: {} } } } },
    ports: {
      list: { required: ['containerPort'], fields: { name: 'string', containerPort: 'number', protocol: 'string' } },
    },
    volumeMounts: { list: mount },
    volumeDevices: { list: device },
    resources,
    securityContext,
  },
};
const volume: Shape = {
  required: ['name'],
  fields: {
    name: 'string',
    emptyDir: { fields: { medium: 'string', sizeLimit: 'string' } },
    projected: { fields: {} },
  },
};

/** The parts that a decision reads. */
const podShape: Shape = {
  required: ['spec'],
  fields: {
    metadata: { fields: { namespace: 'string', annotations: strings } },
    spec: {
      fields: {
        containers: { list: container },
        initContainers: { list: container },
        volumes: { list: volume },
        hostNetwork: 'boolean',
        os: { fields: { name: 'string' } },
        nodeSelector: strings,
        securityContext,
        resources,
      },
    },
  },
};

function* shapeFaults(value: unknown, shape: Shape, at: string): Generator<string> {
  if (value === undefined) return;
  if (typeof shape === 'string') {
    if (typeof value !== shape)
      yield `${at} is ${JSON.stringify(value)}, which is no ${shape}${quoteHint(value, shape)}`;
  } else if ('list' in shape) {
    if (!Array.isArray(value)) yield `${at} is no list`;
    else for (const [index, item] of value.entries()) yield* shapeFaults(item, shape.list, `${at}[${index}]`);
  } else if (!isRecord(value)) yield `${at || 'it'} is no mapping`;
  else yield* fieldFaults(value, shape, at);
}

function* fieldFaults(
  value: Record<string, unknown>,
  shape: { readonly each: Shape } | Mapping,
  at: string,
): Generator<string> {
  const missing = 'fields' in shape ? (shape.required ?? []).filter((name) => !Object.hasOwn(value, name)) : [];
  for (const name of missing) yield `${at || 'it'} has no ${name}${misspeltAs(value, name)}`;
  for (const [name, content] of Object.entries(value)) {
    const expected = 'each' in shape ? shape.each : shape.fields[name];
    if (expected) yield* shapeFaults(content, expected, at === '' ? name : `${at}.${name}`);
  }
}

function misspeltAs(value: Record<string, unknown>, name: string): string {
  const nearest = nearestName(name, Object.keys(value));
  return nearest === undefined ? '' : `, but ${nearest}: did you mean ${name}?`;
}

function quoteHint(value: unknown, shape: string): string {
  return shape === 'string' && typeof value !== 'object' ? ': put it in quotes' : '';
}
