import { describe, expect, it } from '@jest/globals';
import { exampleMetrics, exampleResult } from './example-result.ts';
import { report } from './table.ts';

describe('the report of a suite', () => {
  it('has every metric with its columns, its budgets and what became of them', () => {
    expect(report(exampleResult, { metrics: exampleMetrics, references: [] })).toBe(
      `Measured on 2026-11-30, 2 cores, Node 24.21.0 (ours with \`A=b --one\`), Kubernetes v1.36.3: the median of 3 rounds.

|                | sync-sidecar | plain loop | other  | budget                                        |            |
| -------------- | ------------ | ---------- | ------ | --------------------------------------------- | ---------- |
| idle: resident | 60.8 MiB     | –          | 80 MiB | ≤ 62 MiB                                      | kept       |
| ready          | 0.9 s        | 0.6 s      | 7 s    | ≤ 1/3 of the peer's, ≤ 1.3 × the plain loop's | **missed** |
| change         | 7.5 ms       | –          | > 30 s | ≤ the peer's                                  | kept       |
| requests       | 1            | –          | 1,300  |                                               |            |
| reviews        | 4,000        | 7,100      | –      | ≥ 55 % of the plain loop's                    | kept       |
| bytes          | 34 kB        | –          | –      | ≤ 1/20 of the peer's                          | open       |

- ready: missed. Tried: a smaller page.
`,
    );
  });

  it('names no cluster where none was asked for', () => {
    const result = { ...exampleResult, kubernetes: '', runtime: '' };

    expect(report(result, { metrics: [], references: [] }).split('\n')[0]).toBe(
      'Measured on 2026-11-30, 2 cores, Node 24.21.0: the median of 3 rounds.',
    );
  });

  it('has the figures of other runs, lowest and highest, where no peer took part', () => {
    const result = {
      ...exampleResult,
      subjects: exampleResult.subjects.slice(0, 1),
      figures: { 'list-3000.ready': { 'sync-sidecar': [1, 1, 1] }, 'list-1000.cpu': { 'sync-sidecar': [1, 1, 1] } },
    };
    const references = [{ name: 'kiwigrid (reference, other run)', figures: { 'list-3000.ready': [4.5, 6.6] } }];
    const metrics = [
      { id: 'list-3000.ready', title: 'ready', unit: 's', budgets: [{ atMost: 1 / 3, times: 'peer' }] },
      { id: 'list-1000.cpu', title: 'CPU', unit: 's', budgets: [] },
      { id: 'idle.rss', title: 'not measured this time', unit: 'MiB', budgets: [] },
    ] as const;

    expect(report(result, { metrics, references }).split('\n').slice(2)).toEqual([
      '|       | sync-sidecar | kiwigrid (reference, other run) | budget              |                   |',
      '| ----- | ------------ | ------------------------------- | ------------------- | ----------------- |',
      "| ready | 1 s          | 4.5-6.6 s                       | ≤ 1/3 of the peer's | kept (indicative) |",
      '| CPU   | 1 s          | –                               |                     |                   |',
      '',
    ]);
  });
});
