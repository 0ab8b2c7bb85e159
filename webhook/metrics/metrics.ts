import type { Distribution } from '../../shared/metrics/histogram.ts';
import type { ProcessFacts, RenderedMetrics, Sample } from '../../shared/metrics/metric-family.ts';
import { renderFamilies } from '../../shared/metrics/render-families.ts';
import type { ConfigurationStatus } from '../configuration/live-configuration.ts';
import { reasons } from '../reasons.ts';
import type { CertificateFacts } from '../tls/certificate-status.ts';
import {
  counterFamilies,
  gaugeFamilies,
  reviewDuration,
  type CounterFamily,
  type GaugeFamily,
} from './metric-families.ts';

/** What there is to tell at one moment; times in milliseconds since 1970. */
export interface MetricFacts {
  readonly counts: readonly Sample<CounterFamily>[];
  readonly durations: Distribution;
  readonly certificates: CertificateFacts;
  /** Null without a configuration file. */
  readonly configuration: ConfigurationStatus | null;
  readonly ready: boolean;
  readonly process: WebhookProcessFacts;
}

/** The same, and the CPU time of all threads in seconds. */
export interface WebhookProcessFacts extends ProcessFacts {
  readonly cpuSeconds: number;
}

/** The facts in Prometheus' text format; imported at the first scrape only. */
export async function renderMetrics(facts: MetricFacts): Promise<RenderedMetrics> {
  return renderFamilies({
    counters: { families: counterFamilies, samples: [...zeros(), ...facts.counts, cpuSample(facts)] },
    gauges: { families: gaugeFamilies, samples: gaugeSamples(facts) },
    histograms: [{ family: reviewDuration, distribution: facts.durations }],
  });
}

/** What has not happened yet is told as 0, or the first time of it would be no increase for Prometheus. */
function zeros(): Sample<CounterFamily>[] {
  return [
    ...Object.entries(reasons).map(([reason, { outcome }]) => ({
      family: 'reviews' as const,
      labels: { outcome, reason, dry_run: 'false' },
      value: 0,
    })),
    ...['500', 'none'].map((code) => ({ family: 'failures' as const, labels: { code }, value: 0 })),
  ];
}

function cpuSample({ process }: MetricFacts): Sample<CounterFamily> {
  return { family: 'cpu', labels: {}, value: process.cpuSeconds };
}

function gaugeSamples({ certificates, configuration, ready, process }: MetricFacts): Sample<GaugeFamily>[] {
  const { version, nodeVersion, startedAt, residentMemoryBytes } = process;
  return [
    ...certificateSamples(certificates),
    ...(configuration ? configurationSamples(configuration) : []),
    sample('ready', Number(ready)),
    sample('build', 1, { version, node_version: nodeVersion }),
    sample('startTime', startedAt / 1000),
    sample('residentMemory', residentMemoryBytes),
  ];
}

function certificateSamples({ servingUntil, caUntil, trusted, filesServed }: CertificateFacts): Sample<GaugeFamily>[] {
  return [
    ...known(servingUntil, (ms) => sample('certificateExpiry', ms / 1000, { certificate: 'serving' })),
    ...known(caUntil, (ms) => sample('certificateExpiry', ms / 1000, { certificate: 'ca' })),
    ...known(trusted, (is) => sample('trusted', Number(is))),
    ...known(filesServed, (are) => sample('filesServed', Number(are))),
  ];
}

function configurationSamples({ version, lastReload, at }: ConfigurationStatus): Sample<GaugeFamily>[] {
  return [
    ...known(version, (label) => sample('configuration', 1, { version: label })),
    sample('configurationGood', Number(lastReload === 'ok')),
    sample('configurationTime', at / 1000),
  ];
}

function known<T>(value: T | null, tell: (value: T) => Sample<GaugeFamily>): Sample<GaugeFamily>[] {
  return value === null ? [] : [tell(value)];
}

function sample(family: GaugeFamily, value: number, labels: Sample['labels'] = {}): Sample<GaugeFamily> {
  return { family, labels, value };
}
