import { sleep, type Backoff } from '../../shared/backoff.ts';
import type { ApiClient } from '../../shared/kubernetes/api-client.ts';
import { isForbidden } from '../../shared/kubernetes/api-status.ts';
import { listOnce } from '../../shared/kubernetes/list-objects.ts';
import { runReflector, type ReflectorHandler } from '../../shared/kubernetes/reflector.ts';
import type { ReflectorObserver } from '../../shared/kubernetes/reflector-observer.ts';
import { afterFailure, reflectorBackoff } from '../../shared/kubernetes/watch-failure.ts';
import type { Logger } from '../../shared/log/log.ts';
import type { ProcessSettings, SyncSettings } from '../../shared/settings/sidecar-settings.ts';
import { getObject, isOneObject, type NamedScope } from './fetch-object.ts';
import { describeScope, resourceScope, type Scope } from './source.ts';

/** How a scope is followed. */
export type Following = Pick<SyncSettings, 'METHOD' | 'SLEEP_TIME'>;

/** One scope, and what its loop needs. */
export interface ScopeLoop {
  readonly scope: Scope;
  readonly following: Following;
  readonly handler: ReflectorHandler;
  readonly observer: ReflectorObserver;
  readonly client: ApiClient;
  readonly process: ProcessSettings;
  readonly log: Logger;
  readonly now: () => number;
  readonly random: () => number;
}

// Seldom enough to be no load, and soon enough for a person who has granted something and looks whether it helped.
const grantCheckMs = 300_000;

/**
 * Follows a scope until `signal` ends it: by a watch, or with METHOD=SLEEP by a list now and then. With METHOD=LIST it ends after
 * one whole list. No fault of the cluster ends it.
 */
export async function followScope(loop: ScopeLoop, signal: AbortSignal): Promise<void> {
  const { following, scope } = loop;
  if (following.METHOD !== 'WATCH') return listRepeatedly(loop, signal);
  return isOneObject(scope) ? watchOrAsk(loop, scope, signal) : watch(loop, signal);
}

/** How long to wait after an error of the API server: ERROR_THROTTLE_SLEEP, or longer with each error in a row up to `longestMs`. */
export function backoffOf({ ERROR_THROTTLE_SLEEP }: ProcessSettings, longestMs = reflectorBackoff.capMs): Backoff {
  return ERROR_THROTTLE_SLEEP === undefined
    ? { ...reflectorBackoff, capMs: Math.min(reflectorBackoff.capMs, longestMs) }
    : { firstMs: ERROR_THROTTLE_SLEEP, capMs: ERROR_THROTTLE_SLEEP };
}

// METHOD=LIST has half a minute for its tries: with longer pauses the last of them would lie beyond its end.
const longestListPauseMs = 5000;

/** How long to wait between two tries of a list. */
export function listBackoffOf(process: ProcessSettings, { METHOD, SLEEP_TIME }: Following): Backoff {
  return backoffOf(process, METHOD === 'LIST' ? longestListPauseMs : SLEEP_TIME);
}

async function watch(loop: ScopeLoop, signal: AbortSignal): Promise<void> {
  const { process, scope } = loop;
  return runReflector({
    ...loop,
    resource: resourceScope(scope),
    pageSize: process.LIST_PAGE_SIZE,
    watchTimeoutMs: watchTimeout(process),
    idleTimeoutMs: process.WATCH_CLIENT_TIMEOUT,
    backoff: backoffOf(process),
    signal,
  });
}

/**
 * The API server has to end a quiet watch before the client takes the silence for a dead connection, by the six seconds that lie
 * between kiwigrid/k8s-sidecar's defaults; Loki's chart sets both to the same value.
 */
function watchTimeout({ WATCH_SERVER_TIMEOUT, WATCH_CLIENT_TIMEOUT }: ProcessSettings): number {
  return Math.min(WATCH_SERVER_TIMEOUT, Math.max(1000, WATCH_CLIENT_TIMEOUT - 6000));
}

/** Watches one object where that is allowed; where it isn't, asks for it every SLEEP_TIME, and now and then tries the watch again. */
async function watchOrAsk(loop: ScopeLoop, scope: NamedScope, signal: AbortSignal): Promise<void> {
  for (let told = false; !signal.aborted;) {
    const watched = await watchUntilForbidden(loop, signal);
    if (signal.aborted) return;
    if (watched || !told) tellWhatToGrant(loop, scope);
    told = true;
    await listRepeatedly(loop, signal, loop.now() + grantCheckMs);
  }
}

/** Answers, when the watch is forbidden, whether it had been allowed before. */
async function watchUntilForbidden(loop: ScopeLoop, signal: AbortSignal): Promise<boolean> {
  const forbidden = new AbortController();
  let watched = false;
  const observer: ReflectorObserver = {
    ...loop.observer,
    onWatchStarted: (resourceVersion) => {
      watched = true;
      loop.observer.onWatchStarted?.(resourceVersion);
    },
    onError: (error, retryInMs) => {
      if (isForbidden(error)) forbidden.abort();
      else loop.observer.onError?.(error, retryInMs);
    },
  };
  await watch({ ...loop, observer }, AbortSignal.any([signal, forbidden.signal]));
  return watched;
}

function tellWhatToGrant({ log, following }: ScopeLoop, scope: NamedScope): void {
  log.info(
    { scope: describeScope(scope), everyMs: following.SLEEP_TIME, grant: ['list', 'watch'] },
    'asking for the object now and then, as it may not be watched',
  );
}

/** Lists, or gets the one object, every SLEEP_TIME until `signal` or the time `until` ends it. */
async function listRepeatedly(loop: ScopeLoop, signal: AbortSignal, until = Infinity): Promise<void> {
  const { following, random, observer, now } = loop;
  const backoff = listBackoffOf(loop.process, following);
  for (let failures = 0; !signal.aborted && now() < until;) {
    let delayMs = following.SLEEP_TIME;
    try {
      await list(loop, signal);
      if (following.METHOD === 'LIST') return;
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      ({ delayMs } = afterFailure(error, ++failures, { random, backoff }));
      observer.onError?.(error, delayMs);
    }
    await sleep(delayMs, signal);
  }
}

async function list(loop: ScopeLoop, signal: AbortSignal): Promise<void> {
  const { client, scope, process, handler, observer } = loop;
  if (isOneObject(scope)) return getOne(loop, scope, signal);
  await listOnce({
    client,
    resource: resourceScope(scope),
    pageSize: process.LIST_PAGE_SIZE,
    idleTimeoutMs: process.WATCH_CLIENT_TIMEOUT,
    handler,
    observer,
    signal,
  });
}

/** The list of one object or none. */
async function getOne({ client, handler, observer }: ScopeLoop, scope: NamedScope, signal: AbortSignal): Promise<void> {
  const object = await getObject(client, scope, signal);
  observer.onContact?.();
  const objects = object === null ? [] : [object];
  await handler.replace(each(objects));
  observer.onListed?.({ resourceVersion: object?.metadata.resourceVersion ?? '', count: objects.length });
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T, void, void> {
  yield* items;
}
