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

export interface PodStream {
  readonly result: PodStreamResult;
  /** Ends it, and resolves once what is under way has been answered. */
  stop(): Promise<PodStreamResult>;
}

/** Creates pods that ask for the sidecar, one after the other for each of `workers`. As dry runs, which are reviewed like all others. */
export function streamPods(cluster: Connection, namespace: string, workers = 3): PodStream {
  const client = adminClient(cluster);
  const result: PodStreamResult = { injected: 0, failures: [] };
  let stopped = false;
  const create = async (): Promise<void> => {
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const body = pod({ name: 'streamed', annotations: asking });
    try {
      const created = (await client.request({ method: 'POST', path, query: { dryRun: 'All' }, body })) as Pod;
      if (injectedContainer(created)) result.injected++;
      else result.failures.push('admitted without the sidecar');
    } catch (error) {
      result.failures.push(error instanceof Error ? error.message : String(error));
    }
  };
  const work = async (): Promise<void> => {
    while (!stopped) await create();
  };
  const working = Promise.all(Array.from({ length: workers }, work));
  return {
    result,
    stop: async () => {
      stopped = true;
      await working;
      client.close();
      return result;
    },
  };
}
