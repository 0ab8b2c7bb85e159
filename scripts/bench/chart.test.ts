import { describe, expect, it } from '@jest/globals';
import { chart } from './chart.ts';
import { exampleMetrics, exampleResult } from './example-result.ts';

describe('the chart of a suite', () => {
  const drawn = chart(exampleResult, exampleMetrics);
  const bars = [
    ...drawn.matchAll(/<text[^>]*>([^<]+)<\/text><rect class="(\w+)"[^>]* width="(\d+)"[^>]*\/><text[^>]*>([^<]+)</g),
  ].map(([, name, colour, width, text]) => [name, colour, Number(width), text]);

  it('has a bar for every figure, as long as its share of the longest in its panel', () => {
    expect(bars).toEqual([
      ['sync-sidecar', 'ours', 148, '60.8 MiB'],
      ['other', 'others', 194, '80 MiB'],
      ['sync-sidecar', 'ours', 25, '0.9 s'],
      ['plain loop', 'others', 17, '0.6 s'],
      ['other', 'others', 194, '7 s'],
      ['sync-sidecar', 'ours', 1, '7.5 ms'],
      ['other', 'others', 194, '&gt; 30 s'],
      ['sync-sidecar', 'ours', 1, '1'],
      ['other', 'others', 194, '1,300'],
      ['sync-sidecar', 'ours', 194, '34 kB'],
    ]);
  });

  it('has colours for light and for dark pages, and stays small', () => {
    expect(drawn).toContain('@media (prefers-color-scheme: dark)');
    expect(drawn.length).toBeLessThan(6_000);
  });

  it('marks a reference and says below what it is', () => {
    const result = {
      ...exampleResult,
      subjects: exampleResult.subjects.slice(0, 1),
      figures: { 'idle.rss': { 'sync-sidecar': [60] } },
    };
    const marked = chart(result, exampleMetrics);

    expect(marked).toContain('>kiwigrid *</text>');
    expect(marked).toContain('* reference: another run, indicative.');
  });
});
