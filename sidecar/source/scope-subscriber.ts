import type { KubernetesObject } from '../../shared/kubernetes/object.ts';
import type { ObjectEvent } from '../../shared/kubernetes/watch-events.ts';

/** Takes in what happens to the objects of one scope. */
export interface ScopeSubscriber {
  /** A whole list begins. */
  beginList(): ListPass;
  /** Takes in one change. */
  apply(event: ObjectEvent): void;
}

/** One list of a scope, object by object. */
export interface ListPass {
  take(object: KubernetesObject): void;
  /** The list is whole: what it did not have is gone. */
  end(): void;
  /** The list broke off: nothing may be concluded from what it did not have. */
  abandon(): void;
}
