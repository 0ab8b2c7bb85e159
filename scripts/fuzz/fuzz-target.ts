import type { Arbitrary } from 'fast-check';

/** Something that is given what nobody expects. */
export interface FuzzTarget {
  readonly name: string;
  /** Of a hundred cases. */
  readonly share: number;
  /** Begins; what it holds ends with `stack`. */
  readonly start: (stack: AsyncDisposableStack) => Promise<Check<unknown>> | Check<unknown>;
}

/**
 * What is generated, and what has to hold for it: `holds` throws where it does not, and answers whether the case was accepted. Laws say
 * more of what is accepted, so that a target of which next to nothing is tests little.
 */
export interface Check<T> {
  readonly arbitrary: Arbitrary<T>;
  readonly holds: (value: T) => boolean | Promise<boolean>;
}

/** A target whose values have a type of their own. */
export function fuzzTarget<T>(target: {
  readonly name: string;
  readonly share: number;
  readonly start: (stack: AsyncDisposableStack) => Promise<Check<T>> | Check<T>;
}): FuzzTarget {
  // What comes out of `arbitrary` is all that `holds` is given.
  return target as FuzzTarget;
}
