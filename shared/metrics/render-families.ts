import { Counter, Gauge, Registry, type Metric } from 'prom-client';
import type { Distribution } from './histogram.ts';
import type { MetricFamilies, MetricFamily, RenderedMetrics, Sample } from './metric-family.ts';

/** Families with what there is to tell of them. */
export interface FilledFamilies {
  readonly families: MetricFamilies;
  readonly samples: readonly Sample[];
}

export interface Filled {
  readonly counters: FilledFamilies;
  readonly gauges: FilledFamilies;
  readonly histograms?: readonly { readonly family: MetricFamily; readonly distribution: Distribution }[];
}

/**
 * Families and their samples in Prometheus' text format. Every scrape makes its metrics anew, so that what is no more is not told. Who
 * imports this file does it at the first scrape only, for the sake of memory.
 */
export async function renderFamilies({ counters, gauges, histograms = [] }: Filled): Promise<RenderedMetrics> {
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
  for (const { family, distribution } of histograms) registry.registerMetric(histogramOf(family, distribution));
  return { contentType: registry.contentType, body: await registry.metrics() };
}

function filled({ families, samples }: FilledFamilies): (MetricFamily & { samples: Sample[] })[] {
  const all = Object.entries(families).map(([name, family]) => ({
    ...family,
    samples: samples.filter((sample) => sample.family === name),
  }));
  // What has no labels is 0 for prom-client until it is set, and 0 says something.
  return all.filter(({ labels, samples: own }) => labels.length > 0 || own.length > 0);
}

/** prom-client's own histogram counts by itself, and can't be told what somebody else has counted; a registry asks for no more. */
function histogramOf({ name, help }: MetricFamily, { buckets, count, sum }: Distribution): Metric {
  const values = [
    ...buckets.map((bucket) => ({ metricName: `${name}_bucket`, labels: { le: bucket.bound }, value: bucket.count })),
    { metricName: `${name}_bucket`, labels: { le: '+Inf' }, value: count },
    { metricName: `${name}_sum`, labels: {}, value: sum },
    { metricName: `${name}_count`, labels: {}, value: count },
  ];
  const get = async () => ({ name, help, type: 'histogram', values, aggregator: 'sum' });
  return { name, help, get } as unknown as Metric;
}
