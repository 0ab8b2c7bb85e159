import type { Metric, SuiteResult } from './metric.ts';

/** A result as tests of table and chart need it: every kind of budget, kept, missed and open. */
export const exampleMetrics: readonly Metric[] = [
  { id: 'idle.rss', title: 'idle: resident', unit: 'MiB', budgets: [{ atMost: 62 }] },
  {
    id: 'list.ready',
    title: 'ready',
    unit: 's',
    budgets: [
      { atMost: 1 / 3, times: 'peer' },
      { atMost: 1.3, times: 'bound' },
    ],
    tried: 'a smaller page.',
  },
  { id: 'change.p99', title: 'change', unit: 'ms', budgets: [{ atMost: 1, times: 'peer' }], cap: 30_000 },
  { id: 'burst.requests', title: 'requests', unit: 'count', budgets: [] },
  { id: 'review.rate', title: 'reviews', unit: 'count', budgets: [{ atLeast: 0.55, times: 'bound' }] },
  { id: 'quiet.bytes', title: 'bytes', unit: 'MB', budgets: [{ atMost: 1 / 20, times: 'peer' }] },
];

export const exampleResult: SuiteResult = {
  suite: 'sidecar',
  takenOn: '2026-11-30',
  rounds: 3,
  cores: 2,
  node: '24.21.0',
  kubernetes: 'v1.36.3',
  runtime: 'A=b --one',
  subjects: [
    { name: 'sync-sidecar', role: 'ours' },
    { name: 'plain loop', role: 'bound' },
    { name: 'other', role: 'peer' },
  ],
  figures: {
    'idle.rss': { 'sync-sidecar': [61, 60.84, 60], other: [80, 81, 79] },
    'list.ready': { 'sync-sidecar': [0.9, 1.2, 0.8], 'plain loop': [0.5, 0.6, 0.7], other: [6, 7, 8] },
    'change.p99': { 'sync-sidecar': [7.5, 8, 7.1], other: [30_000, 30_000, 30_000] },
    'burst.requests': { 'sync-sidecar': [1, 1, 2], other: [1300, 1300, 1300] },
    'review.rate': { 'sync-sidecar': [4000, 4100, 3900], 'plain loop': [7100, 7200, 7000] },
    'quiet.bytes': { 'sync-sidecar': [0.034, 0.035, 0.033] },
  },
};
