import { describe, expect, it } from '@jest/globals';
import { exampleMetrics, exampleResult } from './example-result.ts';
import { judge } from './verdict.ts';
import { withReferences } from './with-references.ts';

describe('the verdict on a budget', () => {
  it.each([
    ['idle.rss', 'kept'],
    ['list.ready', 'missed'],
    ['change.p99', 'kept'],
    ['burst.requests', 'none'],
    ['review.rate', 'kept'],
    ['quiet.bytes', 'unknown'],
  ])('of %s is %s', (id, outcome) => {
    const metric = exampleMetrics.find((known) => known.id === id);

    expect(metric && judge(metric, exampleResult)).toEqual({ outcome, indicative: false });
  });

  it('is indicative where it rests on figures of another run', () => {
    const subjects = exampleResult.subjects.filter(({ role }) => role !== 'peer');
    const figures = { 'change.p99': [30_000], 'quiet.bytes': [21.6] };
    const result = withReferences({ ...exampleResult, subjects }, [{ name: 'elsewhere', figures }]);

    expect(exampleMetrics.map((metric) => judge(metric, result))).toEqual([
      { outcome: 'kept', indicative: false },
      { outcome: 'missed', indicative: false },
      { outcome: 'kept', indicative: true },
      { outcome: 'none', indicative: false },
      { outcome: 'kept', indicative: false },
      { outcome: 'kept', indicative: true },
    ]);
  });

  it('misses what is less than at least so much of another column', () => {
    const figures = { 'review.rate': { 'sync-sidecar': [3800], 'plain loop': [7000] } };
    const metric = exampleMetrics.find(({ id }) => id === 'review.rate');

    expect(metric && judge(metric, { ...exampleResult, figures }).outcome).toBe('missed');
  });

  it('is open where ours has no figure', () => {
    const [metric] = exampleMetrics;

    expect(metric && judge(metric, { ...exampleResult, figures: {} })).toEqual({
      outcome: 'unknown',
      indicative: false,
    });
  });
});
