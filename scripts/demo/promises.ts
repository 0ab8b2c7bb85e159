import { isDeepStrictEqual } from 'node:util';
import type { Narrator } from './narrator.ts';

/** What the demo looks for, in the words of the README's contract. */
export const promises = {
  injected: 'An annotated pod gets the sidecar, an unannotated one is never sent to the webhook',
  startup: 'Synced before started: when the startup probe passes, the files are there',
  convergence: 'Convergence: the files are what the objects say, after every kind of change',
  atomic: 'Atomic files: a reader sees the old content or the new, never a part',
  notification: 'At-least-once notification: after the last change of a burst, and once for many',
  required: 'A pod that asked for its sidecar never runs without it; others are not held up',
  answers: 'Bad input gets a clear answer: every problem, with the nearest name',
  secrets: 'No secret content in logs and admission responses',
} as const;

export type PromiseName = keyof typeof promises;

/** What was expected of a promise and what was seen of it; a promise seen several times must hold every time. */
export class Ledger {
  readonly #seen = new Map<PromiseName, { expected: unknown; observed: unknown; holds: boolean }>();

  see(name: PromiseName, expected: unknown, observed: unknown): boolean {
    const holds = isDeepStrictEqual(observed, expected);
    if (this.#seen.get(name)?.holds !== false) this.#seen.set(name, { expected, observed, holds });
    return holds;
  }

  /** Takes down that a promise could not be seen because something failed on the way. */
  fail(name: PromiseName, error: unknown): void {
    this.see(name, 'to be seen', error instanceof Error ? error.message : error);
  }

  /** Prints a line per promise and answers which did not hold, and which could not be seen. */
  tell(narrator: Narrator): Verdict {
    const names = Object.keys(promises) as PromiseName[];
    for (const name of names) {
      const seen = this.#seen.get(name);
      if (seen?.holds) narrator.good(`${promises[name]}: ${show(seen.observed)}`);
      else if (!seen) narrator.bad(`${promises[name]}: not seen, as something before it failed`);
      else narrator.bad(`${promises[name]}: expected ${show(seen.expected)}, saw ${show(seen.observed)}`);
    }
    return {
      broken: names.filter((name) => this.#seen.get(name)?.holds === false),
      unseen: names.filter((name) => !this.#seen.has(name)),
    };
  }
}

export interface Verdict {
  broken: PromiseName[];
  unseen: PromiseName[];
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
