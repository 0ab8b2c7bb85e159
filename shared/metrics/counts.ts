import type { Sample } from './metric-family.ts';

/** Counts until somebody asks. By itself, as a library for metrics takes 1.6 MiB that few processes ever need. */
export class Counts<F extends string> {
  readonly #samples = new Map<string, Sample<F>>();

  /** Everything that has happened at least once. */
  get all(): readonly Sample<F>[] {
    return [...this.#samples.values()];
  }

  add(family: F, labels: Sample['labels']): void {
    const key = JSON.stringify([family, labels]);
    this.#samples.set(key, { family, labels, value: (this.#samples.get(key)?.value ?? 0) + 1 });
  }
}
