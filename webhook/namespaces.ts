import type { ApiClient } from '../shared/kubernetes/api-client.ts';
import { isNotFound } from '../shared/kubernetes/api-status.ts';
import type { KubernetesObject } from '../shared/kubernetes/object.ts';
import { runReflector } from '../shared/kubernetes/reflector.ts';
import { resourcePath } from '../shared/kubernetes/resource-path.ts';
import type { ObjectEvent } from '../shared/kubernetes/watch-events.ts';
import type { Logger } from '../shared/log/log.ts';

/** The labels of one object. */
export type Labels = Readonly<Record<string, string>>;

/** What is asked about namespaces. */
export interface NamespaceLabels {
  /** The labels of one namespace as they were last seen; undefined if it has not been seen. */
  known(name: string): Labels | undefined;
  /** The labels of one namespace as they are now; none if it does not exist. */
  read(name: string): Promise<Labels>;
}

/** Without look-ups every namespace is one without labels. */
export const unseenNamespaces: NamespaceLabels = { known: () => ({}), read: async () => ({}) };

/** What it takes to follow the namespaces. */
export interface NamespacesOptions {
  client: ApiClient;
  now: () => number;
  random: () => number;
  log: Logger;
}

/** The labels of all namespaces, as a watch last showed them. */
export class Namespaces implements NamespaceLabels {
  readonly #options: NamespacesOptions;
  #labels = new Map<string, Labels>();

  constructor(options: NamespacesOptions) {
    this.#options = options;
  }

  /** Follows the namespaces until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { log, ...options } = this.#options;
    const onError = (err: unknown, retryInMs: number) =>
      log.warn({ err, retryInMs, resource: namespaces.plural }, 'watch interrupted');
    await runReflector({ ...options, resource: namespaces, handler: this, observer: { onError }, signal });
  }

  /** The labels of one namespace as the watch last showed them; undefined if it has not shown it. */
  known(name: string): Labels | undefined {
    return this.#labels.get(name);
  }

  /** The labels of one namespace as they are now; none if it does not exist. Throws what the API client throws. */
  async read(name: string): Promise<Labels> {
    const path = resourcePath(namespaces, name);
    try {
      const { metadata } = (await this.#options.client.request({ method: 'GET', path, timeoutMs })) as KubernetesObject;
      // Not kept: the watch may already know better, and brings it in a moment anyway.
      return metadata.labels ?? {};
    } catch (error) {
      if (isNotFound(error)) return {};
      throw error;
    }
  }

  /** Called by the reflector. */
  async replace(objects: AsyncIterable<KubernetesObject>): Promise<void> {
    const labels = new Map<string, Labels>();
    for await (const { metadata } of objects) labels.set(metadata.name, metadata.labels ?? {});
    this.#labels = labels;
  }

  /** Called by the reflector. */
  apply({ type, object: { metadata } }: ObjectEvent): void {
    if (type === 'DELETED') this.#labels.delete(metadata.name);
    else this.#labels.set(metadata.name, metadata.labels ?? {});
  }
}

const namespaces = { apiPath: '/api/v1', plural: 'namespaces' };

/** Less than the 5 s that the API server waits for the whole review, so that ours is the error that is told. */
const timeoutMs = 3000;
