import { describe, expect, it } from '@jest/globals';
import { rowOf } from '../metric.ts';
import { webhookSuite } from './webhook-suite.ts';

describe('the suite of the webhook', () => {
  const ids: readonly string[] = webhookSuite.metrics.map(({ id }) => id);

  it('shows something of every row, and nothing of a row that it has not', () => {
    expect(new Set(ids.map(rowOf))).toEqual(new Set(webhookSuite.rows));
  });

  it('has a line for every figure of the chart and of the references', () => {
    const referred = webhookSuite.references.flatMap(({ figures }) => Object.keys(figures));

    expect([...webhookSuite.charted, ...referred].filter((id) => !ids.includes(id))).toEqual([]);
  });
});
