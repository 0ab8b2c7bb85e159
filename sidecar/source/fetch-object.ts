import type { ApiClient } from '../../shared/kubernetes/api-client.ts';
import { MalformedAnswerError } from '../../shared/kubernetes/api-failure.ts';
import { ApiStatusError, isForbidden } from '../../shared/kubernetes/api-status.ts';
import type { KubernetesObject } from '../../shared/kubernetes/object.ts';
import { resourcePath } from '../../shared/kubernetes/resource-path.ts';
import { resourceScope, type Scope } from './source.ts';

/** One object by its name. */
export type NamedScope = Scope & { readonly namespace: string; readonly name: string };

/** Whether a scope is one object, so that `get` is permission enough. */
export function isOneObject(scope: Scope): scope is NamedScope {
  return scope.name !== undefined && scope.namespace !== undefined;
}

/**
 * The object of a key as it is now, or null when it is gone or no longer selected. Needs no other permission than the one that the
 * sync has anyway.
 */
export async function fetchObject(
  client: ApiClient,
  scope: Scope,
  { key, signal }: { readonly key: string; readonly signal: AbortSignal },
): Promise<KubernetesObject | null> {
  const [, namespace = '', name = ''] = key.split('/');
  const object = { ...scope, namespace, name };
  return scope.name === undefined ? findObject(client, object, signal) : getObject(client, object, signal);
}

/** An object by GET, or by LIST for who may list alone; null when there is none. Rejects with what refused the GET. */
export async function getObject(
  client: ApiClient,
  scope: NamedScope,
  signal: AbortSignal,
): Promise<KubernetesObject | null> {
  const path = resourcePath(resourceScope(scope), scope.name);
  try {
    const object = (await client.request({ method: 'GET', path, signal })) as KubernetesObject | null;
    // Only the API server itself says that an object is gone, or what it is.
    if (object?.metadata?.name !== scope.name)
      throw new MalformedAnswerError(`the API server sent no object of ${path}`);
    return object;
  } catch (error) {
    if (error instanceof ApiStatusError && error.reason === 'NotFound') return null;
    if (!isForbidden(error)) throw error;
    return findObject(client, scope, signal).catch((listError: unknown) => {
      throw isForbidden(listError) ? error : listError;
    });
  }
}

async function findObject(client: ApiClient, scope: NamedScope, signal: AbortSignal): Promise<KubernetesObject | null> {
  const { labelSelector, fieldSelector, ...collection } = resourceScope(scope);
  const path = resourcePath(collection);
  const query = { labelSelector, fieldSelector };
  const list = (await client.request({ method: 'GET', path, query, signal })) as { items?: KubernetesObject[] } | null;
  // Only a list without items says that the object is gone.
  if (!Array.isArray(list?.items)) throw new MalformedAnswerError(`the API server sent no list of ${path}`);
  return list.items[0] ?? null;
}
