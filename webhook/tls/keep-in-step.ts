import { backoffMs, sleep } from '../../shared/backoff.ts';
import type { ApiClient } from '../../shared/kubernetes/api-client.ts';
import { runReflector } from '../../shared/kubernetes/reflector.ts';
import type { ResourceScope } from '../../shared/kubernetes/resource-path.ts';
import type { Logger } from '../../shared/log/log.ts';

export interface InStepOptions {
  readonly client: ApiClient;
  /** A change of anything in them is followed by a round. */
  readonly resources: readonly ResourceScope[];
  /** Looks at everything and does what is missing; answers after how many milliseconds at the latest it wants to look again. */
  readonly round: () => Promise<number>;
  readonly onFailure: (error: unknown) => void;
  readonly now: () => number;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** Repeats a round until `signal` is aborted: at once, after every change, and when it is due. One that fails is repeated. */
export async function keepInStep(options: InStepOptions): Promise<void> {
  const { resources, signal } = options;
  let change = new AbortController();
  const nextChange = (): AbortSignal => {
    change = new AbortController();
    return AbortSignal.any([signal, change.signal]);
  };
  const watches = resources.map((resource) => watchAll(resource, options, () => change.abort()));
  await Promise.all([...watches, repeat(options, nextChange)]);
}

/** What changed doesn't matter: the next round looks at everything. */
async function watchAll(
  resource: ResourceScope,
  { client, now, random, signal, log }: InStepOptions,
  onChange: () => void,
): Promise<void> {
  const replace = async (objects: AsyncIterable<unknown>): Promise<void> => {
    for await (const _object of objects);
    onChange();
  };
  const onError = (err: unknown, retryInMs: number): void =>
    log.warn({ err, retryInMs, resource: resource.plural }, 'watch interrupted');
  const handler = { replace, apply: onChange };
  await runReflector({ client, resource, handler, observer: { onError }, now, random, signal });
}

/** Two replicas that disagree would otherwise overwrite each other's work as fast as the API server can. */
const pauseMs = 1000;

const retryBackoff = { firstMs: 1000, capMs: 30_000 }; // As long as a fresh install may have to wait for its RBAC at most.

async function repeat(options: InStepOptions, nextChange: () => AbortSignal): Promise<void> {
  const { round, onFailure, random, signal } = options;
  let failures = 0;
  while (!signal.aborted) {
    const change = nextChange();
    let waitMs: number;
    try {
      waitMs = await round();
      failures = 0;
    } catch (err) {
      if (signal.aborted) return;
      waitMs = backoffMs(++failures, random, retryBackoff);
      onFailure(err);
    }
    await sleep(pauseMs, signal);
    await sleep(waitMs - pauseMs, change);
  }
}
