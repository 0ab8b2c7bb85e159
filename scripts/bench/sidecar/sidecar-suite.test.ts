import { describe, expect, it } from '@jest/globals';
import { kiwigridReference } from './kiwigrid-reference.ts';
import { rowOf } from '../metric.ts';
import { sidecarSuite } from './sidecar-suite.ts';

describe('the suite of the sidecar', () => {
  const ids: readonly string[] = sidecarSuite.metrics.map(({ id }) => id);

  it('shows something of every row, and nothing of a row that it has not', () => {
    expect(new Set(ids.map(rowOf))).toEqual(new Set(sidecarSuite.rows));
  });

  it('has a line for every figure of the chart and of the reference', () => {
    expect(
      [...sidecarSuite.charted, ...Object.keys(kiwigridReference.figures)].filter((id) => !ids.includes(id)),
    ).toEqual([]);
  });
});
