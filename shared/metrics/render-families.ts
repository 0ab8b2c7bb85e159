import { Counter, Gauge, Registry } from 'prom-client';
import type { MetricFamilies, MetricFamily, RenderedMetrics, Sample } from './metric-family.ts';

/** Families with what there is to tell of them. */
export interface FilledFamilies {
  readonly families: MetricFamilies;
  readonly samples: readonly Sample[];
}

/**
 * Families and their samples in Prometheus' text format. Every scrape makes its metrics anew, so that what is no more is not told. Who
 * imports this file does it at the first scrape only, for the sake of memory.
 */
export async function renderFamilies(counters: FilledFamilies, gauges: FilledFamilies): Promise<RenderedMetrics> {
  const registry = new Registry();
  const registers = [registry];
  for (const { name, help, labels: labelNames, samples } of filled(counters)) {
    const counter = new Counter({ name, help, labelNames, registers });
    for (const { labels, value } of samples) counter.inc(labels, value);
  }
  for (const { name, help, labels: labelNames, samples } of filled(gauges)) {
    const gauge = new Gauge({ name, help, labelNames, registers });
    for (const { labels, value } of samples) gauge.set(labels, value);
  }
  return { contentType: registry.contentType, body: await registry.metrics() };
}

function filled({ families, samples }: FilledFamilies): (MetricFamily & { samples: Sample[] })[] {
  return Object.entries(families).map(([name, family]) => ({
    ...family,
    samples: samples.filter((sample) => sample.family === name),
  }));
}
