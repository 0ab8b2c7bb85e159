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
}

export interface PodStream extends AsyncDisposable {
  readonly result: PodStreamResult;
  /** Ends it, and resolves once what is under way has been answered. Whoever fails before that ends it by `await using`. */
  stop(): Promise<PodStreamResult>;
}

export interface PodStreamOptions {
  /** Pods are created, and deleted at once. Default: they are dry runs, which are reviewed like all others. */
  stored?: boolean;
  /** How many pods are created at a time. */
  workers?: number;
}

/** Creates pods that ask for the sidecar without pause until it is stopped. */
export function streamPods(
  cluster: Connection,
  namespace: string,
  { stored = false, workers = 3 }: PodStreamOptions = {},
): PodStream {
  const client = adminClient(cluster);
  const result: PodStreamResult = { injected: 0, failures: [] };
  let stopped = false;
  const create = stored ? createAndDelete(client, namespace) : createDry(client, namespace);
  const createOne = async (): Promise<void> => {
    try {
      if (injectedContainer(await create())) result.injected++;
      else result.failures.push('admitted without the sidecar');
    } catch (error) {
      result.failures.push(errorMessage(error));
    }
  };
  const work = async (): Promise<void> => {
    while (!stopped) await createOne();
  };
  const working = Promise.all(Array.from({ length: workers }, work));
  const stop = async (): Promise<PodStreamResult> => {
    stopped = true;
    await working;
    client.close();
    return result;
  };
  return { result, stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

function createDry(client: ApiClient, namespace: string): () => Promise<Pod> {
  const path = pathOfPods(namespace);
  const body = pod({ name: 'streamed', annotations: asking });
  return async () => (await client.request({ method: 'POST', path, query: { dryRun: 'All' }, body })) as Pod;
}

function createAndDelete(client: ApiClient, namespace: string): () => Promise<Pod> {
  const path = pathOfPods(namespace);
  // No node is to start it.
  const spec = { schedulingGates: [{ name: 'example.com/streamed' }] };
  let count = 0;
  return async () => {
    const name = `streamed-${++count}`;
    const body = pod({ name, annotations: asking, spec });
    const created = (await client.request({ method: 'POST', path, body })) as Pod;
    await client.request({ method: 'DELETE', path: `${path}/${name}`, query: { gracePeriodSeconds: 0 } });
    return created;
  };
}

function pathOfPods(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/pods`;
}
