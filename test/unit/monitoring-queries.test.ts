import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { MetricFamilies, MetricFamily } from '../../shared/metrics/metric-family.ts';
import * as sidecar from '../../sidecar/health/metric-families.ts';
import * as webhook from '../../webhook/metrics/metric-families.ts';
import { alertsIn, panelsIn, variablesIn } from '../product/monitoring.ts';
import { readPromql, type Asked, type Selector } from './promql.ts';

const root = join(import.meta.dirname, '../..');
const dashboard = readFileSync(join(root, 'manifests/chart/files/dashboard.json'), 'utf8');
const rules = readFileSync(join(root, 'manifests/chart/files/alerts.yaml'), 'utf8');

const counters = byName(sidecar.counterFamilies, webhook.counterFamilies, histogram(webhook.reviewDuration));
const gauges = byName(sidecar.gaugeFamilies, webhook.gaugeFamilies);
/** What Prometheus gives to every series, scraped by a ServiceMonitor or PodMonitor. */
const ofTarget = ['namespace', 'pod', 'container', 'job', 'instance', 'endpoint'];

function byName(...families: readonly MetricFamilies[]): ReadonlyMap<string, MetricFamily> {
  return new Map(families.flatMap((some) => Object.values(some)).map((family) => [family.name, family]));
}

function histogram({ name, labels, help }: MetricFamily): MetricFamilies {
  return {
    bucket: { name: `${name}_bucket`, labels: [...labels, 'le'], help },
    sum: { name: `${name}_sum`, labels, help },
    count: { name: `${name}_count`, labels, help },
  };
}

const queries = [
  ...panelsIn(dashboard).flatMap(({ title, targets }) =>
    targets.map(({ expr }) => [`the panel "${title}"`, expr] as const),
  ),
  ...variablesIn(dashboard).map(({ name, selector }) => [`the variable ${name}`, selector] as const),
  ...alertsIn(parse(rules)).map(({ alert, expr }) => [alert, expr] as const),
];

describe('a query of the dashboard or of an alert', () => {
  it.each(queries)('of %s asks for metrics and labels that there are', (_name, expr) => {
    expect(problemsOf(readPromql(withoutVariables(expr)))).toEqual([]);
  });

  it('is found', () => {
    expect(queries.length).toBeGreaterThan(50);
  });
});

describe('what is said of a query:', () => {
  it.each([
    ['sync_sidecar_file', ['there is no sync_sidecar_file']],
    ['sync_sidecar_files{scope="a"}', ['sync_sidecar_files has no label scope']],
    ['sum by (scope) (sync_sidecar_files)', ['nothing has the label scope']],
    ['sync_sidecar_files and on (outcome) sync_sidecar_objects', ['nothing has the label outcome']],
    ['sync_sidecar_events_total', ['sync_sidecar_events_total is a counter, and asked for by itself']],
    ['rate(sync_sidecar_files[5m])', ['sync_sidecar_files is a gauge, and asked for by rate']],
    ['up', ['there is no up']],
  ])('%s has problems: %j', (expr, problems) => {
    expect(problemsOf(readPromql(expr))).toEqual(problems);
  });

  it.each([
    'sum by (sync) (rate(sync_sidecar_events_total{type="ADDED",pod=~".*"}[5m]))',
    'histogram_quantile(0.9, sum by (le) (rate(sync_sidecar_webhook_review_duration_seconds_bucket[5m])))',
    'count by (what) (label_replace(sync_sidecar_files > 0, "what", "files", "", ""))',
  ])('%s has none', (expr) => {
    expect(problemsOf(readPromql(expr))).toEqual([]);
  });

  it('that is no PromQL is none', () => {
    expect(() => readPromql('sum by sync_sidecar_files')).toThrow('no PromQL at character');
  });
});

/** Grafana puts values in place of its variables; those of labels stand within strings. */
function withoutVariables(expr: string): string {
  return expr.replaceAll(/\[\$__\w+\]/g, '[5m]');
}

function problemsOf({ selectors, groupings, made }: Asked): string[] {
  const known = new Set([...selectors.flatMap(({ metric }) => familyOf(metric)?.labels ?? []), ...ofTarget, ...made]);
  return [
    ...selectors.flatMap(problemsOfSelector),
    ...groupings.filter((label) => !known.has(label)).map((label) => `nothing has the label ${label}`),
  ];
}

function problemsOfSelector({ metric, labels, rangeFunction }: Selector): string[] {
  const family = familyOf(metric);
  if (!family) return [`there is no ${metric}`];
  const known = [...family.labels, ...ofTarget];
  const ofIncrease = rangeFunction === 'rate' || rangeFunction === 'increase';
  const kind = counters.has(metric) ? 'counter' : 'gauge';
  return [
    ...labels.filter((label) => !known.includes(label)).map((label) => `${metric} has no label ${label}`),
    ...((kind === 'counter') === ofIncrease
      ? []
      : [`${metric} is a ${kind}, and asked for by ${rangeFunction ?? 'itself'}`]),
  ];
}

function familyOf(metric: string): MetricFamily | undefined {
  return counters.get(metric) ?? gauges.get(metric);
}
