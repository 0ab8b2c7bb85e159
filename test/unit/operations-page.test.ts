import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as sidecar from '../../sidecar/health/metric-families.ts';
import * as webhook from '../../webhook/metrics/metric-families.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
const families = [
  ...Object.values(sidecar.counterFamilies),
  ...Object.values(sidecar.gaugeFamilies),
  ...Object.values(webhook.counterFamilies),
  ...Object.values(webhook.gaugeFamilies),
  { ...webhook.reviewDuration, name: `${webhook.reviewDuration.name}_bucket` },
];

interface Rules {
  groups: { rules: { alert: string; expr: string }[] }[];
}

/** The alerts of all YAML blocks of the page. */
const alerts = [...page.matchAll(/```yaml\n(.*?)```/gs)]
  .map(([, text = '']) => parse(text) as Rules)
  .flatMap(({ groups }) => groups.flatMap(({ rules }) => rules.map(({ alert, expr }) => [alert, expr] as const)));

describe('an alert of docs/operations.md', () => {
  it.each(alerts)('%s asks for metrics that there are', (_alert, expr) => {
    const names = expr.match(/\bsync_sidecar_\w+/g) ?? [];

    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !families.some((family) => family.name === name))).toEqual([]);
  });

  it('has names of its own', () => {
    expect(new Set(alerts.map(([alert]) => alert)).size).toBe(alerts.length);
    expect(alerts.length).toBeGreaterThan(8);
  });
});
