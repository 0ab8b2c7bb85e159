import type { Cluster } from '../../../test/control-plane/cluster.ts';
import { openObjects, type Objects, type SyncedObject } from '../../demo/cluster-objects.ts';

/** The label key by which the objects of all data sets are selected. */
export const label = 'bench';

/** ConfigMaps of one key each, in a namespace of their own, so that the API server has nothing else to look through. */
export interface DataSet {
  readonly namespace: string;
  readonly count: number;
  readonly objects: Objects;
}

export interface DataSetOptions {
  readonly name: string;
  readonly count: number;
  /** Of each object's content. */
  readonly bytes: number;
}

/** Creates a data set. As admin: the API server's limits for others (API Priority and Fairness) don't hold for it. */
export async function createDataSet(cluster: Cluster, { name, count, bytes }: DataSetOptions): Promise<DataSet> {
  const namespace = await cluster.createNamespace(name);
  const objects = openObjects(cluster, namespace);
  const all = Array.from({ length: count }, (_, index) => dashboard(`${name}-${index}`, bytes));
  await inParallel(all, (object) => objects.create(object));
  return { namespace, count, objects };
}

/** A ConfigMap whose key is its name, with JSON of the given size as content: quotes and line ends, as dashboards have. */
export function dashboard(name: string, bytes: number, revision = 0): SyncedObject {
  const panel = (id: number): string =>
    `  { "id": ${id}, "title": "Requests by status", "type": "timeseries", "targets": [{ "expr": "rate(requests[5m])" }] }`;
  const head = `{ "uid": "${name}", "revision": ${revision},\n "panels": [\n`;
  const panels = Array.from({ length: Math.ceil(bytes / panel(1).length) }, (_, id) => panel(id)).join(',\n');
  return {
    kind: 'ConfigMap',
    name,
    labels: { [label]: '1' },
    data: { [`${name}.json`]: (head + panels).slice(0, bytes) },
  };
}

/** Sixteen at a time: that keeps both cores of a small machine busy, and more would only wait. */
export async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}
