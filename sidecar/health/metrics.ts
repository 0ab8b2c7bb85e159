import { Counter, Gauge, Registry } from 'prom-client';
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

/**
 * The facts in Prometheus' text format. Every scrape makes its metrics anew, so that what is no more is not told. This file is
 * imported at the first scrape only, for the sake of memory.
 */
export async function renderMetrics(facts: MetricFacts): Promise<RenderedMetrics> {
  const registry = new Registry();
  renderCounters(facts, registry);
  renderGauges(facts, registry);
  return { contentType: registry.contentType, body: await registry.metrics() };
}

function renderCounters({ counts, syncs }: MetricFacts, registry: Registry): void {
  const scopes = syncs.flatMap((sync) => sync.scopes.map(({ scope }) => scope));
  const all = [...syncs.flatMap(({ name }) => zerosOfSync(name)), ...scopes.flatMap(zerosOfScope), ...counts];
  for (const [family, { name, labels: labelNames, help }] of Object.entries(counterFamilies)) {
    const counter = new Counter({ name, help, labelNames, registers: [registry] });
    for (const { labels, value } of all.filter((count) => count.family === family)) counter.inc(labels, value);
  }
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

function renderGauges(facts: MetricFacts, registry: Registry): void {
  const samples = [...processSamples(facts), ...facts.syncs.flatMap((sync) => syncSamples(sync, facts.now))];
  for (const [family, { name, labels: labelNames, help }] of Object.entries(gaugeFamilies)) {
    const gauge = new Gauge({ name, help, labelNames, registers: [registry] });
    for (const sample of samples.filter((one) => one.family === family)) gauge.set(sample.labels, sample.value);
  }
}

interface Sample {
  readonly family: GaugeFamily;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

function processSamples({ process }: MetricFacts): Sample[] {
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
): Sample[] {
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

function scopeSamples(sync: string, { scope, lastContact, forbidden }: ScopeStatus, now: number): Sample[] {
  const labels = { sync, scope };
  return [
    { family: 'contactAge', labels, value: Math.max(0, now - lastContact) / 1000 },
    ...(forbidden ? [{ family: 'forbidden' as const, labels: { ...labels, ...forbidden }, value: 1 }] : []),
  ];
}
