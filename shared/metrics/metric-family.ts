/** A metric: its name for Prometheus, its labels, and what it says. No label ever has content of an object. */
export interface MetricFamily {
  readonly name: string;
  readonly labels: readonly string[];
  readonly help: string;
}

/** Metrics by the name that the code has for them. */
export type MetricFamilies = Readonly<Record<string, MetricFamily>>;

/** One value of a family. */
export interface Sample<F extends string = string> {
  readonly family: F;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What a process knows of itself. */
export interface ProcessFacts {
  readonly version: string;
  readonly nodeVersion: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly residentMemoryBytes: number;
}

export interface RenderedMetrics {
  readonly contentType: string;
  readonly body: string;
}
