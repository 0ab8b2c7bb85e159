import { describe, expect, it } from '@jest/globals';
import { chart } from './chart.ts';
import { exampleMetrics as metrics, exampleResult } from './example-result.ts';

describe('the chart of a suite', () => {
  const drawn = chart(exampleResult, { metrics, references: [] });
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
      ['sync-sidecar', 'ours', 109, '4,000'],
      ['plain loop', 'others', 194, '7,100'],
      ['sync-sidecar', 'ours', 194, '34 kB'],
    ]);
  });

  it('says of what more is better', () => {
    expect(drawn).toContain('>reviews (more is better)</text>');
    expect(drawn).toContain('>Less is better, unless a title says more.');
    expect(chart(exampleResult, { metrics: metrics.slice(0, 1), references: [] })).toContain('>Less is better. 2026-');
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
    const references = [{ name: 'kiwigrid (reference, other run)', figures: { 'idle.rss': [74.5] } }];
    const marked = chart(result, { metrics, references });

    expect(marked).toContain('>kiwigrid *</text>');
    expect(marked).toContain('* reference: another run, indicative.');
  });
});
