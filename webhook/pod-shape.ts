/** Says at which path a value is not what it should be, and what that is; null where it is. */
type Shape = (value: unknown, path: string) => string | null;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Says what of a pod is not of the type that every pod has, as far as injection reads it, or null. The API server sends no such
 * pod; whoever else reaches the port may send anything.
 */
export function podFault(pod: Fields): string | null {
  return podShape(pod, 'request.object');
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
    args: listOf(text),
    env: listOf(record({ name: text }, { value: text })),
    ports: listOf(record({ containerPort: number }, { name: text, protocol: text })),
    resources,
    volumeMounts: listOf(record({ name: text, mountPath: text }, { subPath: text })),
    startupProbe: probe,
    livenessProbe: probe,
  },
);

const podShape = record(
  {},
  {
    metadata: record(
      {},
      {
        name: text,
        generateName: text,
        annotations: texts,
        ownerReferences: listOf(record({ kind: text, name: text }, {})),
      },
    ),
    spec: record(
      {},
      {
        containers: listOf(container),
        initContainers: listOf(container),
        volumes: listOf(record({ name: text }, { emptyDir: record({}, { medium: text, sizeLimit: text }) })),
        os: record({}, { name: text }),
        nodeSelector: texts,
        securityContext: record({}, { runAsUser: number }),
        resources,
      },
    ),
  },
);

function typed(type: 'string' | 'number', words: string): Shape {
  return (value, path) => (typeof value === type ? null : `${path} is not ${words}`);
}

type Shapes = Readonly<Record<string, Shape>>;

/** Fields that Go always writes, and fields that it leaves out where they are empty. Others may be anything. */
function record(written: Shapes, omitted: Shapes): Shape {
  const shapes = Object.entries({ ...written, ...omitted });
  return (value, path) => {
    if (!isRecord(value)) return `${path} is not an object`;
    return firstOf(shapes, ([name, shape]) =>
      value[name] === undefined && name in omitted ? null : shape(value[name], `${path}.${name}`),
    );
  };
}

function mapOf(shape: Shape): Shape {
  return (value, path) => {
    if (!isRecord(value)) return `${path} is not an object`;
    return firstOf(Object.entries(value), ([name, item]) => shape(item, `${path}[${JSON.stringify(name)}]`));
  };
}

function listOf(shape: Shape): Shape {
  return (value, path) => {
    if (!Array.isArray(value)) return `${path} is not a list`;
    return firstOf([...value.entries()], ([index, item]: [number, unknown]) => shape(item, `${path}[${index}]`));
  };
}

function firstOf<T>(items: readonly T[], find: (item: T) => string | null): string | null {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
