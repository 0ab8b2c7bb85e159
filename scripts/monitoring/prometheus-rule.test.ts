import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { prometheusRule } from './prometheus-rule.ts';

const rules = `# What the file is for.
groups:
  - name: a
    rules:
      # Why it is so.
      - alert: A
        expr: a > 0

      - alert: B
        expr: b{c=~"d|e"} > 0
        annotations:
          summary: '{{ $labels.pod }}'
`;

describe('the PrometheusRule', () => {
  it('has the groups of the rule file', () => {
    const object = parse(prometheusRule(rules)) as { kind: string; spec: unknown };

    expect(object.kind).toBe('PrometheusRule');
    expect(object.spec).toEqual(parse(rules));
  });

  it('keeps what is said of an alert, and says where it comes from in place of what is said of the file', () => {
    const text = prometheusRule(rules);

    expect(text).toContain('\n        # Why it is so.\n        - alert: A\n');
    expect(text).toContain('# Made from manifests/chart/files/alerts.yaml');
    expect(text).not.toContain('What the file is for');
    expect(text).not.toMatch(/ $/m);
  });
});
