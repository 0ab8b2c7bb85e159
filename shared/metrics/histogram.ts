/** How values are distributed: how many were at most as large as each bound, as Prometheus has it. */
export class Histogram {
  readonly bounds: readonly number[];
  /** How many values fell between a bound and the one before; the last one is of those beyond all bounds. */
  readonly #counts: number[];
  #sum = 0;

  /** `bounds` ascend. */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const at = this.bounds.findIndex((bound) => value <= bound);
    const index = at < 0 ? this.bounds.length : at;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sum += value;
  }

  get distribution(): Distribution {
    let cumulative = 0;
    const upTo = this.#counts.map((count) => (cumulative += count));
    return {
      buckets: this.bounds.map((bound, index) => ({ bound, count: upTo[index] ?? 0 })),
      count: cumulative,
      sum: this.#sum,
    };
  }
}

export interface Distribution {
  /** `count` values were not larger than `bound`. */
  readonly buckets: readonly { readonly bound: number; readonly count: number }[];
  readonly count: number;
  readonly sum: number;
}
