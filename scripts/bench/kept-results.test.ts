import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { chart } from './chart.ts';
import { exampleMetrics, exampleResult } from './example-result.ts';
import { chartOf, keepResult, withReport } from './kept-results.ts';
import { report } from './table.ts';

const suite = {
  name: 'sidecar',
  metrics: exampleMetrics,
  charted: ['list.ready', 'idle.rss'],
  references: [],
} as const;

describe('a result that is kept', () => {
  it('gives the figures as JSON, and the chart of those that the suite shows', () => {
    using root = scratchFolder();

    keepResult(exampleResult, suite, root.path);

    expect(JSON.parse(readFileSync(join(root.path, 'docs/bench/sidecar.json'), 'utf8'))).toEqual(exampleResult);
    const svg = readFileSync(join(root.path, 'docs/bench/sidecar.svg'), 'utf8');
    expect(svg).toBe(
      chart(exampleResult, {
        metrics: [exampleMetrics[1], exampleMetrics[0]].filter((metric) => metric !== undefined),
        references: [],
      }),
    );
    expect(chartOf(suite, root.path)).toBe(svg);
  });

  it('replaces what stands between the marks of a document', () => {
    using root = scratchFolder();
    keepResult(exampleResult, suite, root.path);
    const [begin, end] = ['<!-- bench sidecar: made by `npm run bench` -->', '<!-- end of bench sidecar -->'];

    const document = withReport(`before\n\n${begin}\nold\n${end}\n\nafter\n`, suite, root.path);

    expect(document).toBe(`before\n\n${begin}\n\n${report(exampleResult, suite)}\n${end}\n\nafter\n`);
    expect(withReport(document, suite, root.path)).toBe(document);
    expect(() => withReport('without marks', suite, root.path)).toThrow('is needed');
  });
});
