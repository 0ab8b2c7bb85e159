import type { ApiClient } from '../shared/kubernetes/api-client.ts';
import { isNotFound } from '../shared/kubernetes/api-status.ts';
import type { KubernetesObject, ObjectMetadata } from '../shared/kubernetes/object.ts';
import { runReflector } from '../shared/kubernetes/reflector.ts';
import { resourcePath } from '../shared/kubernetes/resource-path.ts';
import type { ObjectEvent } from '../shared/kubernetes/watch-events.ts';
import type { Logger } from '../shared/log/log.ts';
import { namespaceLabelKey } from './profile-choice.ts';

/** The labels of one namespace, of which only ours counts. */
export type Labels = Readonly<Record<string, string>>;

/** What is asked about namespaces. */
export interface NamespaceLabels {
  /** Whether what is known is what the API server says at this time. */
  readonly isInContact: boolean;
  /** The labels of one namespace as they were last seen; undefined if it has not been seen. */
  known(name: string): Labels | undefined;
  /** The labels of one namespace as they are now; none if it does not exist. Waits 3 s for an answer unless given less time. */
  read(name: string, timeoutMs?: number): Promise<Labels>;
}

/** Without look-ups every namespace is one without labels. */
export const unseenNamespaces: NamespaceLabels = { isInContact: true, known: () => ({}), read: async () => ({}) };

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
  #isInContact = false;

  constructor(options: NamespacesOptions) {
    this.#options = options;
  }

  /** False from a failure of the watch until there is one again. */
  get isInContact(): boolean {
    return this.#isInContact;
  }

  /** Follows the namespaces until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { log: _, ...options } = this.#options;
    await runReflector({ ...patience, ...options, resource: namespaces, handler: this, observer: this, signal });
  }

  /** Called by the reflector. */
  onWatchStarted(): void {
    this.#isInContact = true;
  }

  /** Called by the reflector. */
  onError(err: unknown, retryInMs: number): void {
    this.#isInContact = false;
    this.#options.log.warn({ err, retryInMs, resource: namespaces.plural }, 'watch interrupted');
  }

  /** The labels of one namespace as the watch last showed them; undefined if it has not shown it. */
  known(name: string): Labels | undefined {
    return this.#labels.get(name);
  }

  /** The labels of one namespace as they are now; none if it does not exist. Throws what the API client throws. */
  async read(name: string, timeoutMs = ofPods): Promise<Labels> {
    const path = resourcePath(namespaces, name);
    try {
      const { metadata } = (await this.#options.client.request({ method: 'GET', path, timeoutMs })) as KubernetesObject;
      // Not kept: the watch may already know better, and brings it in a moment anyway.
      return oursOf(metadata);
    } catch (error) {
      if (isNotFound(error)) return {};
      throw error;
    }
  }

  /** Called by the reflector. */
  async replace(objects: AsyncIterable<KubernetesObject>): Promise<void> {
    const labels = new Map<string, Labels>();
    for await (const { metadata } of objects) labels.set(metadata.name, oursOf(metadata));
    this.#labels = labels;
  }

  /** Called by the reflector. */
  apply({ type, object: { metadata } }: ObjectEvent): void {
    if (type === 'DELETED') this.#labels.delete(metadata.name);
    else this.#labels.set(metadata.name, oursOf(metadata));
  }
}

/** A cluster may have thousands of namespaces with dozens of labels each. */
function oursOf({ labels }: ObjectMetadata): Labels {
  const value = labels?.[namespaceLabelKey];
  return value === undefined ? none : { [namespaceLabelKey]: value };
}

const none: Labels = {};

// A watch whose connection has gone without a word is like one without events: the shorter it is to last, the sooner that is noticed.
// The price is one request to the API server every ten seconds.
const patience = { watchTimeoutMs: 10_000, idleTimeoutMs: 13_000 };

const namespaces = { apiPath: '/api/v1', plural: 'namespaces' };

/** Less than the 5 s that the API server waits for the review of a pod, so that ours is the error that is told. */
const ofPods = 3000;
