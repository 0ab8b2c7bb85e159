import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { alertsIn } from '../product/monitoring.ts';

function read(path: string): string {
  return readFileSync(join(import.meta.dirname, '../..', path), 'utf8');
}

const alerts = alertsIn(parse(read('manifests/chart/files/alerts.yaml')));
const names = alerts.map(({ alert }) => alert);
const { tests } = parse(read('test/monitoring/alerts.promtool.yaml')) as {
  tests: { alert_rule_test: { alertname: string; exp_alerts?: object[] }[] }[];
};

describe('the alerts', () => {
  it('have names of their own', () => {
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(12);
  });

  it('say how urgent they are, what is the matter, and where to read on', () => {
    const said = alerts.map(({ alert, labels, annotations: { summary, description, ...more } }) => {
      expect([alert, summary, description]).toEqual([alert, expect.any(String), expect.any(String)]);
      return { alert, labels, more };
    });

    expect(said).toEqual(
      names.map((alert) => ({
        alert,
        labels: { severity: expect.stringMatching(/^(critical|warning)$/) },
        more: { runbook: `docs/alerts.md#${alert.toLowerCase()}` },
      })),
    );
  });

  it('are explained in docs/alerts.md, each below its name and in this order', () => {
    const headings = [...read('docs/alerts.md').matchAll(/^### (.*)$/gm)].map(([, heading]) => heading);

    expect(headings).toEqual(names);
  });

  it('have tests for promtool, each one that it comes and one that it does not', () => {
    const checks = tests.flatMap((test) => test.alert_rule_test);
    const tried = (comes: boolean): Set<string> =>
      new Set(checks.filter(({ exp_alerts = [] }) => exp_alerts.length > 0 === comes).map((check) => check.alertname));

    expect(tried(true)).toEqual(new Set(names));
    expect(tried(false)).toEqual(new Set(names));
  });
});
