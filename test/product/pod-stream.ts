import type { ApiClient } from '../../shared/kubernetes/api-client.ts';
import { errorMessage } from '../../shared/error-message.ts';
import type { Pod } from '../../webhook/pod.ts';
import type { Connection } from '../control-plane/cluster.ts';
import { adminClient } from './admin-client.ts';
import { injectedContainer } from './injected-sidecar.ts';
import { asking, pod } from './test-objects.ts';

/** What became of the pods of a stream. */
export interface PodStreamResult {
  injected: number;
  /** Why others were not, in the words of who refused them. */
  failures: string[];
  /** How long the API server took for the slowest creation, whatever came of it. */
  slowestMs: number;
}

export interface PodStream extends AsyncDisposable {
  readonly result: PodStreamResult;
  /** Ends it, and resolves once what is under way has been answered. Whoever fails before that ends it by `await using`. */
  stop(): Promise<PodStreamResult>;
}

export interface PodStreamOptions {
  /** Pods are created, and deleted at once. Default: they are dry runs, which are reviewed like all others. */
  stored?: boolean;
  /** How many pods are created at a time; each that is answered makes room for the next. */
  workers?: number;
  /** Begins this many a second instead, whether or not those before are answered: a slow answer then delays no other one. */
  perSecond?: number;
}

/** Creates pods that ask for the sidecar without pause until it is stopped. */
export function streamPods(cluster: Connection, namespace: string, options: PodStreamOptions = {}): PodStream {
  const { stored = false, workers = 3, perSecond } = options;
  const client = adminClient(cluster);
  const result: PodStreamResult = { injected: 0, failures: [], slowestMs: 0 };
  const creation = stored ? createStored(client, namespace) : createDry(client, namespace);
  let begun = 0;
  const createOne = (): Promise<void> => createAndCount(creation, `streamed-${++begun}`, result);
  const end = perSecond === undefined ? repeat(createOne, workers) : begin(createOne, perSecond);
  const stop = async (): Promise<PodStreamResult> => {
    await end();
    client.close();
    return result;
  };
  return { result, stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

interface Creation {
  create: (name: string) => Promise<Pod>;
  remove: (name: string) => Promise<unknown>;
}

async function createAndCount({ create, remove }: Creation, name: string, result: PodStreamResult): Promise<void> {
  const startedAt = performance.now();
  try {
    const created = await create(name).finally(() => {
      result.slowestMs = Math.max(result.slowestMs, performance.now() - startedAt);
    });
    if (injectedContainer(created)) result.injected++;
    else result.failures.push('admitted without the sidecar');
    await remove(name);
  } catch (error) {
    result.failures.push(errorMessage(error));
  }
}

/** Ends a stream; resolves once nothing is under way any more. */
type End = () => Promise<unknown>;

function repeat(createOne: () => Promise<void>, workers: number): End {
  let stopped = false;
  const work = async (): Promise<void> => {
    while (!stopped) await createOne();
  };
  const working = Promise.all(Array.from({ length: workers }, work));
  return () => {
    stopped = true;
    return working;
  };
}

function begin(createOne: () => Promise<void>, perSecond: number): End {
  const begun: Promise<void>[] = [];
  const timer = setInterval(() => begun.push(createOne()), 1000 / perSecond);
  return () => {
    clearInterval(timer);
    return Promise.all(begun);
  };
}

function createDry(client: ApiClient, namespace: string): Creation {
  const path = pathOfPods(namespace);
  return {
    create: async (name) => {
      const body = pod({ name, annotations: asking });
      return (await client.request({ method: 'POST', path, query: { dryRun: 'All' }, body })) as Pod;
    },
    remove: async () => undefined,
  };
}

function createStored(client: ApiClient, namespace: string): Creation {
  const path = pathOfPods(namespace);
  // No node is to start it.
  const spec = { schedulingGates: [{ name: 'example.com/streamed' }] };
  return {
    create: async (name) => {
      const body = pod({ name, annotations: asking, spec });
      return (await client.request({ method: 'POST', path, body })) as Pod;
    },
    remove: (name) => client.request({ method: 'DELETE', path: `${path}/${name}`, query: { gracePeriodSeconds: 0 } }),
  };
}

function pathOfPods(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/pods`;
}
