import type { Metric } from '../metric.ts';

type Line = readonly [id: Metric['id'], title: string, unit: Metric['unit'], ...budgets: Metric['budgets']];

const lines: readonly Line[] = [
  ['grafana.rate', "a Grafana pod's review, 10 KB: per second", 'count', { atLeast: 0.55, times: 'bound' }],
  ['grafana.cpu', "a Grafana pod's review, 10 KB: CPU", 'ms', { atMost: 0.25 }],
  ['large.rate', "a large pod's review, 69 KB: per second", 'count'],
  ['large.cpu', "a large pod's review, 69 KB: CPU", 'ms', { atMost: 1.5 }],
  ['unasked.rate', 'a review of a pod that does not ask, 10 KB: per second', 'count'],
  ['unasked.cpu', 'a review of a pod that does not ask, 10 KB: CPU', 'ms', { atMost: 0.15 }],
  ['steady.p50', '500 reviews a second: p50', 'ms'],
  ['steady.p99', '500 reviews a second: p99', 'ms', { atMost: 3, times: 'bound' }],
  ['memory.idle', 'idle: resident', 'MiB', { atMost: 80 }],
  ['memory.halfway', 'after 50,000 reviews: resident', 'MiB'],
  ['memory.after', 'after 100,000 reviews: resident', 'MiB', { atMost: 115 }],
  ['memory.peak', 'until then: peak resident', 'MiB'],
  ['memory.growth', 'from 50,000 reviews to 100,000: growth', 'MiB', { atMost: 5 }],
  ['start.ready', 'start → ready, CA in place', 's', { atMost: 1 }],
  ['start.cpu', 'start → ready: CPU', 'ms'],
  ['start.connect', 'a connection after that, TLS handshake included', 'ms'],
  ['start.first', 'the first review over it', 'ms', { atMost: 5 }],
];

/** The lines of the table of `npm run bench webhook`, with the budgets that the design sets. */
export const webhookMetrics: readonly Metric[] = lines.map(([id, title, unit, ...budgets]) => ({
  id,
  title,
  unit,
  budgets,
}));

/** Those of the chart. */
export const webhookCharted: readonly Metric['id'][] = [
  'grafana.rate',
  'grafana.cpu',
  'large.cpu',
  'unasked.cpu',
  'steady.p99',
  'memory.after',
];
