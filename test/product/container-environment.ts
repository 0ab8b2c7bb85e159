import type { Container } from '../../webhook/pod.ts';

/** What the environment of a container is made from, beside its own `env`. */
export interface EnvironmentSources {
  readonly podName: string;
  /** Values of Secrets by `name/key`. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** What the Services of the namespace put into every container; what the container says itself goes before. */
  readonly serviceLinks?: Readonly<Record<string, string>>;
}

type Variable = NonNullable<Container['env']>[number] & {
  readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } };
};

/**
 * The environment that the kubelet makes from `env`: in its order, so that `$(NAME)` is what stands before it, and of several entries
 * with one name the last one counts. https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
 */
export function containerEnvironment(
  { env = [] }: Pick<Container, 'env'>,
  sources: EnvironmentSources,
): Record<string, string> {
  const { serviceLinks = {} } = sources;
  const result: Record<string, string> = {};
  for (const variable of env) {
    const value = valueOf(variable, sources, (name) => result[name] ?? serviceLinks[name]);
    if (value !== undefined) result[variable.name] = value;
  }
  return { ...serviceLinks, ...result };
}

type Lookup = (name: string) => string | undefined;

function valueOf({ name, value, valueFrom }: Variable, sources: EnvironmentSources, lookup: Lookup) {
  if (!valueFrom) return expand(value ?? '', lookup);
  if (valueFrom.fieldRef?.fieldPath === 'metadata.name') return sources.podName;
  const { secretKeyRef } = valueFrom;
  // A chart says `optional`: without the Secret, or the key in it, the variable is left out.
  if (secretKeyRef) return sources.secrets?.[`${secretKeyRef.name}/${secretKeyRef.key}`];
  throw new Error(`no value for ${name}: of valueFrom, only fieldRef metadata.name and secretKeyRef are known here`);
}

/** `$$` is `$`; `$(NAME)` stays where there is no NAME. */
function expand(value: string, lookup: Lookup): string {
  return value.replace(/\$(\$|\(([^)]*)\))/g, (text, rest: string, name: string) =>
    rest === '$' ? '$' : (lookup(name) ?? text),
  );
}
