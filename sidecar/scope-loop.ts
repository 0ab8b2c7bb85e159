import { backoffMs, sleep } from '../shared/backoff.ts';
import type { ApiClient } from '../shared/kubernetes/api-client.ts';
import { listOnce } from '../shared/kubernetes/list-objects.ts';
import { runReflector, type ReflectorHandler } from '../shared/kubernetes/reflector.ts';
import { reflectorBackoff } from '../shared/kubernetes/watch-failure.ts';
import type { ProcessSettings, SyncSettings } from '../shared/settings/sidecar-settings.ts';
import type { ScopeObserver } from './scope-observer.ts';
import { describeScope, resourceScope, type Scope } from './source.ts';

/** One scope and what its loop needs. */
export interface ScopeLoop {
  readonly scope: Scope;
  readonly observer: ScopeObserver;
  readonly handler: ReflectorHandler;
  readonly client: ApiClient;
  readonly process: ProcessSettings;
  readonly settings: SyncSettings;
  readonly now: () => number;
  readonly random: () => number;
}

// kiwigrid/k8s-sidecar's client gives up on a LIST after about this time, and an init container should not fail for a blip.
const listRetriesMs = 30_000;

/** Follows a scope until `signal` ends it: by a watch, or with METHOD=SLEEP by a list now and then. */
export async function followScope(loop: ScopeLoop, signal: AbortSignal): Promise<void> {
  const { process, settings, scope } = loop;
  if (settings.METHOD === 'SLEEP') return listRepeatedly(loop, signal);
  return runReflector({
    ...loop,
    resource: resourceScope(scope),
    pageSize: process.LIST_PAGE_SIZE,
    watchTimeoutMs: watchTimeout(process),
    idleTimeoutMs: process.WATCH_CLIENT_TIMEOUT,
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

/** Lists a scope once; an error is retried for 30 s and then thrown, unless READY_PARTIAL does without the scope. */
export async function listScope(loop: ScopeLoop, signal: AbortSignal): Promise<void> {
  const { now, random, observer, scope } = loop;
  const deadline = now() + listRetriesMs;
  for (let attempt = 1; ; attempt++) {
    try {
      return await list(loop, signal);
    } catch (error) {
      const delay = backoffMs(attempt, random, reflectorBackoff);
      if (signal.aborted) throw new Error(`ended before ${describeScope(scope)} were listed`, { cause: error });
      if (now() + delay > deadline) throw error;
      observer.onError(error, delay);
      if (observer.status.listed) return;
      await sleep(delay, signal);
    }
  }
}

async function listRepeatedly(loop: ScopeLoop, signal: AbortSignal): Promise<void> {
  const { settings, random, observer } = loop;
  for (let failures = 0; !signal.aborted;) {
    let delay = settings.SLEEP_TIME;
    try {
      await list(loop, signal);
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      delay = Math.min(delay, backoffMs(++failures, random, reflectorBackoff));
      observer.onError(error, delay);
    }
    await sleep(delay, signal);
  }
}

async function list({ client, scope, process, handler, observer }: ScopeLoop, signal: AbortSignal): Promise<void> {
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
