import type { ApiClient } from './api-client.ts';
import { isExpired } from './api-status.ts';
import { listItems } from './list-items.ts';
import type { KubernetesObject } from './object.ts';
import type { ReflectorObserver } from './reflector-observer.ts';
import { resourcePath } from './resource-path.ts';
import type { ResourceScope } from './resource-path.ts';
import { HandlerError } from './watch-failure.ts';

/** What to list, and how. */
export interface ListOptions {
  readonly client: ApiClient;
  readonly resource: ResourceScope;
  /** Objects per page; undefined: all in one answer. */
  readonly pageSize?: number | undefined;
  /** The longest wait for the next byte. */
  readonly idleTimeoutMs: number;
  readonly signal: AbortSignal;
  readonly observer?: ReflectorObserver;
}

/** What is known once a collection has been listed. */
export interface Listed {
  /** From here on a watch misses nothing. */
  readonly resourceVersion: string;
  readonly count: number;
}

/** Takes over the objects of one LIST. */
export interface ListHandler {
  /**
   * Consumes all objects of a LIST, one at a time as they stream in. When the iterable ends, the collection has these objects
   * and no others. When it throws, the LIST has not happened: nothing may be concluded from an object that didn't come, and
   * the error is best left to pass through.
   */
  replace(objects: AsyncIterable<KubernetesObject>): Promise<void>;
}

/**
 * Lists a collection once, for `handler` to replace what it has. A LIST that expires between two pages begins anew, then
 * without pages. Throws what the client throws, or HandlerError.
 */
export async function listOnce(options: ListOptions & { readonly handler: ListHandler }): Promise<Listed> {
  try {
    return await replaceAll(options);
  } catch (error) {
    // A first page can't expire, it asks for no version. One answer for all can't either: client-go's fallback, too.
    if (!isExpired(error) || options.pageSize === undefined) throw error;
    options.observer?.onRelist?.('expired');
    return replaceAll({ ...options, pageSize: undefined });
  }
}

/** The objects of a collection, page after page, as one consistent list; throws what the client throws. */
export async function* listObjects(options: ListOptions): AsyncGenerator<KubernetesObject, Listed, void> {
  let count = 0;
  let continueToken: string | undefined;
  for (;;) {
    const items = listItems(pageBytes(options, continueToken));
    let item = await items.next();
    for (; !item.done; item = await items.next()) {
      count++;
      yield item.value;
    }
    const { resourceVersion } = item.value;
    continueToken = item.value.continueToken;
    if (continueToken === undefined) return { resourceVersion, count };
  }
}

async function replaceAll({ handler, ...options }: ListOptions & { readonly handler: ListHandler }): Promise<Listed> {
  const outcome: ListOutcome = {};
  try {
    await handler.replace(recordOutcome(listObjects(options), outcome));
  } catch (cause) {
    if (!outcome.failed) throw new HandlerError('the handler failed to replace its objects', { cause });
  }
  // Also when the handler kept the failure for itself: a broken list must not count as a whole one.
  if (outcome.failed) throw outcome.error;
  if (outcome.listed === undefined) throw new HandlerError('the handler did not read the list to its end');
  options.observer?.onListed?.(outcome.listed);
  return outcome.listed;
}

interface ListOutcome {
  listed?: Listed;
  failed?: boolean;
  error?: unknown;
}

async function* recordOutcome(
  objects: AsyncGenerator<KubernetesObject, Listed, void>,
  outcome: ListOutcome,
): AsyncGenerator<KubernetesObject, void, void> {
  try {
    outcome.listed = yield* objects;
  } catch (error) {
    outcome.failed = true;
    outcome.error = error;
    throw error;
  }
}

async function* pageBytes(options: ListOptions, continueToken: string | undefined): AsyncGenerator<Buffer, void, void> {
  const { resource, pageSize, signal, idleTimeoutMs, observer } = options;
  const bytes = options.client.stream({
    path: resourcePath(resource),
    // No resourceVersion: the newest state. "0" would be cheaper and may be older than what was seen before.
    // https://kubernetes.io/docs/reference/using-api/api-concepts/#the-resourceversion-parameter
    query: {
      labelSelector: resource.labelSelector,
      fieldSelector: resource.fieldSelector,
      limit: pageSize,
      continue: continueToken,
    },
    signal,
    idleTimeoutMs,
  });
  for await (const chunk of bytes) {
    observer?.onContact?.();
    yield chunk;
  }
}
