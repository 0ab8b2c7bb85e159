import type { ProcessFacts, RenderedMetrics, Sample } from '../../shared/metrics/metric-family.ts';
import { renderFamilies } from '../../shared/metrics/render-families.ts';
import type { ScopeStatus, SyncStatus } from './health.ts';
import type { Count } from './meter.ts';
import { counterFamilies, gaugeFamilies, type CounterFamily, type GaugeFamily } from './metric-families.ts';

/** What there is to tell at one moment. */
export interface MetricFacts {
  readonly counts: readonly Count[];
  readonly syncs: readonly SyncStatus[];
  /** Milliseconds since 1970, as every other time in the facts. */
  readonly now: number;
  readonly process: ProcessFacts;
}

/** The facts in Prometheus' text format; imported at the first scrape only. */
export async function renderMetrics(facts: MetricFacts): Promise<RenderedMetrics> {
  return renderFamilies({
    counters: { families: counterFamilies, samples: counterSamples(facts) },
    gauges: { families: gaugeFamilies, samples: gaugeSamples(facts) },
  });
}

function counterSamples({ counts, syncs }: MetricFacts): Count[] {
  const scopes = syncs.flatMap((sync) => sync.scopes.map(({ scope }) => scope));
  return [...syncs.flatMap(({ name }) => zerosOfSync(name)), ...scopes.flatMap(zerosOfScope), ...counts];
}

/** What has not happened yet is told as 0, or the first time of it would be no increase for Prometheus. */
function zerosOfSync(sync: string): Count[] {
  return [
    ...zeros('events', { sync }, { type: ['ADDED', 'MODIFIED', 'DELETED'] }),
    ...zeros('fileChanges', { sync }, { change: ['written', 'removed'] }),
    { family: 'fileFailures', labels: { sync }, value: 0 },
    ...['SCRIPT', 'REQ_URL'].flatMap((channel) =>
      zeros('notifications', { sync, channel }, { outcome: ['success', 'failure'] }),
    ),
    ...zeros('downloads', { sync }, { outcome: ['changed', 'unchanged', 'failure'] }),
  ];
}

/**
 * Why there are relists, and how a watch ends in order. The dozen reasons for which it breaks off, or a request fails, are told once
 * there are such: that many series for each scope of each pod are a burden, and a failure that matters happens again.
 */
function zerosOfScope(scope: string): Count[] {
  return [
    ...zeros('relists', { scope }, { reason: ['expired', 'handler'] }),
    ...zeros('reconnects', { scope }, { reason: ['ended'] }),
  ];
}

function zeros(family: CounterFamily, labels: Count['labels'], more: Readonly<Record<string, string[]>>): Count[] {
  return Object.entries(more).flatMap(([label, values]) =>
    values.map((value) => ({ family, labels: { ...labels, [label]: value }, value: 0 })),
  );
}

type GaugeSample = Sample<GaugeFamily>;

function gaugeSamples(facts: MetricFacts): GaugeSample[] {
  return [...processSamples(facts), ...facts.syncs.flatMap((sync) => syncSamples(sync, facts.now))];
}

function processSamples({ process }: MetricFacts): GaugeSample[] {
  const { version, nodeVersion, startedAt, residentMemoryBytes } = process;
  return [
    { family: 'build', labels: { version, node_version: nodeVersion }, value: 1 },
    { family: 'startTime', labels: {}, value: startedAt / 1000 },
    { family: 'residentMemory', labels: {}, value: residentMemoryBytes },
  ];
}

function syncSamples(
  { name: sync, counts, complete, synced, notification, scopes }: SyncStatus,
  now: number,
): GaugeSample[] {
  const { pending, lastSuccess } = notification;
  const values: Partial<Record<GaugeFamily, number>> = {
    ...counts,
    complete: Number(complete),
    synced: Number(synced),
    notificationPending: Number(pending),
    ...(lastSuccess !== null && { notificationSuccess: lastSuccess / 1000 }),
  };
  return [
    ...Object.entries(values).map(([family, value]) => ({ family: family as GaugeFamily, labels: { sync }, value })),
    ...scopes.flatMap((scope) => scopeSamples(sync, scope, now)),
  ];
}

function scopeSamples(sync: string, { scope, lastContact, forbidden }: ScopeStatus, now: number): GaugeSample[] {
  const labels = { sync, scope };
  return [
    { family: 'contactAge', labels, value: Math.max(0, now - lastContact) / 1000 },
    ...(forbidden ? [{ family: 'forbidden' as const, labels: { ...labels, ...forbidden }, value: 1 }] : []),
  ];
}
