import type { Backoff } from '../backoff.ts';
import { sleep } from '../backoff.ts';
import type { ApiClient } from './api-client.ts';
import { ApiStatusError, readStatus } from './api-status.ts';
import { listOnce } from './list-objects.ts';
import type { ListHandler } from './list-objects.ts';
import type { ReflectorObserver } from './reflector-observer.ts';
import { describeCall, resourcePath } from './resource-path.ts';
import type { ResourceScope } from './resource-path.ts';
import { afterFailure, HandlerError, reflectorBackoff, VeryShortWatchError } from './watch-failure.ts';
import { watchEvents } from './watch-events.ts';
import type { ObjectEvent, WatchEvent } from './watch-events.ts';

/** Takes over what a reflector sees. Its calls never overlap. */
export interface ReflectorHandler extends ListHandler {
  /**
   * Takes over one change. The next event waits for it. When it throws, the event counts as lost, and the collection is listed
   * again after a pause.
   */
  apply(event: ObjectEvent): Promise<void> | void;
}

/** What a reflector watches, for whom, and its patience; all times in milliseconds. */
export interface ReflectorOptions {
  readonly client: ApiClient;
  readonly resource: ResourceScope;
  readonly handler: ReflectorHandler;
  readonly observer?: ReflectorObserver;
  /** Objects per page of a LIST; undefined: all in one answer. */
  readonly pageSize?: number;
  /** After this time the API server ends a watch; 60 s unless given. */
  readonly watchTimeoutMs?: number;
  /** The longest wait for the next byte; 66 s unless given, a little more than the watch itself may last. */
  readonly idleTimeoutMs?: number;
  readonly backoff?: Backoff;
  readonly random: () => number;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/**
 * Keeps a handler in step with a collection until `signal` is aborted; no fault of the cluster ends it. The algorithm is that
 * of client-go's reflector (https://github.com/kubernetes/client-go/blob/master/tools/cache/reflector.go):
 *
 * (1) LIST the collection, page by page, and remember the list's resourceVersion.
 * (2) WATCH from that version on; each event and each bookmark advances it.
 * (3) When the watch ends, by the API server's clock or by a fault, resume at the last version: nothing is sent twice.
 * (4) Before that, after a fault or a watch that ended at once, pause: longer with every failure in a row, and as long as the
 *     API server asks.
 * (5) Only when that version has expired (410), or the handler failed, begin again at (1).
 */
export async function runReflector(options: ReflectorOptions): Promise<void> {
  const reflector: Reflection = { ...defaults, ...options, failures: 0 };
  while (!options.signal.aborted) {
    try {
      reflector.resourceVersion ??= (await listOnce(reflector)).resourceVersion;
      await watch(reflector, reflector.resourceVersion);
      reflector.observer?.onReconnect?.('ended');
    } catch (error) {
      if (!options.signal.aborted) await pause(reflector, error);
    }
  }
}

const defaults = { watchTimeoutMs: 60_000, idleTimeoutMs: 66_000, backoff: reflectorBackoff };

type Reflection = typeof defaults &
  ReflectorOptions & {
    /** Where to resume; absent: list first. */
    resourceVersion?: string | undefined;
    /** In a row. */
    failures: number;
  };

// client-go's bound: a server that ends watches faster than this and says nothing would be asked without pause.
const longestShortWatchMs = 1000;

async function watch(reflector: Reflection, from: string): Promise<void> {
  // A watch of a second, as was asked for, seems a little shorter from here.
  const shortWatchMs = Math.min(longestShortWatchMs, reflector.watchTimeoutMs / 2);
  let openedAt = Infinity;
  const onOpen = () => {
    openedAt = reflector.now();
    reflector.observer?.onWatchStarted?.(from);
  };
  try {
    for await (const event of watchEvents(watchBytes(reflector, from, onOpen))) {
      await take(reflector, event);
      reflector.failures = 0;
    }
  } finally {
    if (reflector.now() - openedAt >= shortWatchMs) reflector.failures = 0;
  }
  if (reflector.resourceVersion === from && reflector.now() - openedAt < shortWatchMs) {
    throw new VeryShortWatchError('the API server ended the watch at once');
  }
}

async function* watchBytes(
  reflector: Reflection,
  from: string,
  onOpen: () => void,
): AsyncGenerator<Buffer, void, void> {
  const { client, resource, watchTimeoutMs, idleTimeoutMs, signal, observer } = reflector;
  const query = {
    watch: true,
    allowWatchBookmarks: true,
    resourceVersion: from,
    timeoutSeconds: Math.ceil(watchTimeoutMs / 1000),
    labelSelector: resource.labelSelector,
    fieldSelector: resource.fieldSelector,
  };
  for await (const chunk of client.stream({ path: resourcePath(resource), query, signal, idleTimeoutMs, onOpen })) {
    observer?.onContact?.();
    yield chunk;
  }
}

async function take(reflector: Reflection, event: WatchEvent): Promise<void> {
  if (event.type === 'ERROR') {
    const call = describeCall('GET', resourcePath(reflector.resource), true);
    throw new ApiStatusError(call, readStatus(event.object, 500));
  }
  if (event.type !== 'BOOKMARK') await apply(reflector.handler, event);
  reflector.resourceVersion = event.object.metadata.resourceVersion;
}

async function apply(handler: ReflectorHandler, event: ObjectEvent): Promise<void> {
  try {
    await handler.apply(event);
  } catch (cause) {
    throw new HandlerError(`the handler failed to apply an event of type ${event.type}`, { cause });
  }
}

async function pause(reflector: Reflection, error: unknown): Promise<void> {
  reflector.failures++;
  const { reason, relist, delayMs } = afterFailure(error, reflector.failures, reflector);
  reflector.observer?.onError?.(error, delayMs);
  await sleep(delayMs, reflector.signal);
  if (reflector.signal.aborted) return;
  if (relist) {
    reflector.resourceVersion = undefined;
    reflector.observer?.onRelist?.(reason);
  } else if (reflector.resourceVersion !== undefined) {
    reflector.observer?.onReconnect?.(reason);
  }
}
