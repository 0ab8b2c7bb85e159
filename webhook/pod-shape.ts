import { isRecord } from '../shared/is-record.ts';

/** Says what within a value is not what it should be, as `.field[0] is not …`; null where all is. */
type Shape = (value: unknown) => string | null;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Says what of a pod is not of the type that every pod has, as far as injection reads it, or null. The API server sends no such
 * pod; whoever else reaches the port may send anything.
 */
export function podFault(pod: Fields): string | null {
  return faultIn(pod, podShape);
}

/** The kinds of objects that are looked at for the pods that they make. */
export const workloadKinds: readonly unknown[] = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'];

/** Says the same of an object that makes pods. */
export function workloadFault(workload: Fields): string | null {
  return faultIn(workload, workloadShape);
}

function faultIn(object: Fields, shape: Shape): string | null {
  const fault = shape(object);
  return fault === null ? null : `request.object${fault}`;
}

/** Go writes null for a pod without containers, which is refused only after us, and by the API server's own words. */
export function withContainers<T extends Fields>(pod: T): T {
  const { spec } = pod;
  return isRecord(spec) && spec.containers === null ? { ...pod, spec: { ...spec, containers: [] } } : pod;
}

const text = typed('string', 'a text');
const number = typed('number', 'a number');
const texts = mapOf(text);
const resources = record({}, { requests: texts, limits: texts });
const probe = record({}, { httpGet: record({}, {}) });

const container = record(
  { name: text },
  {
    image: text,
    restartPolicy: text,
    command: listOf(text),
    args: listOf(text),
    env: listOf(record({ name: text }, { value: text })),
    ports: listOf(record({ containerPort: number }, { name: text, protocol: text })),
    resources,
    volumeMounts: listOf(record({ name: text, mountPath: text }, { subPath: text })),
    volumeDevices: listOf(record({ name: text, devicePath: text }, {})),
    startupProbe: probe,
    livenessProbe: probe,
  },
);

const metadata = record(
  {},
  {
    name: text,
    generateName: text,
    annotations: texts,
    labels: texts,
    ownerReferences: listOf(record({ kind: text, name: text }, {})),
  },
);

const podSpec = record(
  {},
  {
    serviceAccountName: text,
    containers: listOf(container),
    initContainers: listOf(container),
    volumes: listOf(record({ name: text }, { emptyDir: record({}, { medium: text, sizeLimit: text }) })),
    os: record({}, { name: text }),
    nodeSelector: texts,
    securityContext: record({}, { runAsUser: number }),
    resources,
  },
);

const podShape = record({}, { metadata, spec: podSpec });
const jobTemplate = record({}, { metadata, spec: record({}, { template: podShape }) });
const workloadShape = record({}, { metadata, spec: record({}, { template: podShape, jobTemplate }) });

function typed(type: 'string' | 'number', words: string): Shape {
  return (value) => (typeof value === type ? null : ` is not ${words}`);
}

type Shapes = Readonly<Record<string, Shape>>;

/** Fields that Go always writes, and fields that it leaves out where they are empty. Others may be anything. */
function record(written: Shapes, omitted: Shapes): Shape {
  const shapes = Object.entries({ ...written, ...omitted });
  return (value) => {
    if (!isRecord(value)) return ' is not an object';
    for (const [name, shape] of shapes) {
      const fault = value[name] === undefined && name in omitted ? null : shape(value[name]);
      if (fault !== null) return `.${name}${fault}`;
    }
    return null;
  };
}

function mapOf(shape: Shape): Shape {
  return (value) => {
    if (!isRecord(value)) return ' is not an object';
    for (const name in value) {
      const fault = shape(value[name]);
      if (fault !== null) return `[${JSON.stringify(name)}]${fault}`;
    }
    return null;
  };
}

function listOf(shape: Shape): Shape {
  return (value) => {
    if (!Array.isArray(value)) return ' is not a list';
    for (const [index, item] of value.entries()) {
      const fault = shape(item);
      if (fault !== null) return `[${index}]${fault}`;
    }
    return null;
  };
}
