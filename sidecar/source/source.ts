import type { KubernetesObject } from '../../shared/kubernetes/object.ts';
import type { ResourceScope } from '../../shared/kubernetes/resource-path.ts';
import type { Scope } from '../../shared/settings/sync-scopes.ts';

export type { ResourceKind, Scope } from '../../shared/settings/sync-scopes.ts';

/** The collection in the API server's words. */
export function resourceScope({ kind, namespace, labelSelector, name }: Scope): ResourceScope {
  return {
    apiPath: '/api/v1',
    plural: `${kind}s`,
    ...(namespace !== undefined && { namespace }),
    ...(labelSelector !== undefined && { labelSelector }),
    ...(name !== undefined && { fieldSelector: `metadata.name=${name}` }),
  };
}

/** A scope for people: `configmaps with "dashboard=1" in namespace "x"`, `secret "a" in all namespaces`. */
export function describeScope({ kind, namespace, labelSelector, name }: Scope): string {
  const objects = name === undefined ? `${kind}s with ${JSON.stringify(labelSelector)}` : `${kind} "${name}"`;
  return `${objects} ${namespace === undefined ? 'in all namespaces' : `in namespace "${namespace}"`}`;
}

/** The key of an object of a scope: kind, namespace and name. */
export function objectKey({ kind }: Scope, { metadata }: KubernetesObject): string {
  return `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
}

/** Whether a key can stand for an object of the scope. */
export function covers(scope: Scope, key: string): boolean {
  const [kind, namespace, name] = key.split('/');
  return (
    kind === scope.kind &&
    (scope.namespace === undefined || scope.namespace === namespace) &&
    (scope.name === undefined || scope.name === name)
  );
}
