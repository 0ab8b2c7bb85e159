import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { findFreePort } from '../control-plane/free-port.ts';
import { runCommand } from '../control-plane/leashed-process.ts';
import { findPrometheus, findPromtool } from '../packaging/promtool.ts';
import { expectEventually } from '../product/expect-eventually.ts';
import { expectFiles } from '../product/expect-files.ts';
import { logEntries } from '../product/log-entries.ts';
import { alertsIn, panelsIn, variablesIn } from '../product/monitoring.ts';
import { startPrometheus, type Prometheus, type Series } from '../product/prometheus.ts';
import { prepareSidecar, type RunningSidecar } from '../product/sidecar-program.ts';
import { asking, pod } from '../product/test-objects.ts';
import type { Manifest } from '../product/webhook-manifests.ts';
import { cluster, folder } from './use-cluster.ts';
import { createNamespace, useWebhook } from './use-webhook.ts';

const root = join(import.meta.dirname, '../..');
const dashboard = readFileSync(join(root, 'manifests/chart/files/dashboard.json'), 'utf8');
const rules = join(root, 'manifests/chart/files/alerts.yaml');
const names = alertsIn(parse(readFileSync(rules, 'utf8'))).map(({ alert }) => alert);

let metricsPort: number;

useWebhook('monitoring', async () => {
  metricsPort = await findFreePort('127.0.0.1', Math.random);
  const configuration = 'apiVersion: sync-sidecar.io/v1alpha1\nkind: InjectionConfiguration\n';
  return { configuration, env: { METRICS_PORT: String(metricsPort), SIDECAR_IMAGE: 'example.com/sync-sidecar:1' } };
});

const finding = { env: process.env, onProgress: () => undefined, signal: new AbortController().signal };

describe('promtool', () => {
  it.each([
    ['takes the alerts', ['check', 'rules', rules]],
    ['has each alert come and go as it should', ['test', 'rules', join(root, 'test/monitoring/alerts.promtool.yaml')]],
  ])('%s', async (_name, args) => {
    const promtool = await findPromtool(finding);

    const { code, stdout, stderr } = await runCommand({ command: promtool, args, env: process.env });

    expect({ code, output: `${stdout}${stderr}` }).toEqual({
      code: 0,
      output: expect.stringContaining('SUCCESS') as unknown,
    });
  });
});

describe('a Prometheus that scrapes the webhook and a sidecar', () => {
  let namespace: string;
  let sidecar: RunningSidecar;
  let files: string;
  let prometheus: Prometheus;

  beforeAll(async () => {
    namespace = await createNamespace();
    await cluster.apply([await renderedDashboard()], namespace);
    const prepared = await prepareSidecar(cluster, { namespace, folder: folder.path, resources: ['configmaps'] });
    files = prepared.files;
    sidecar = await prepared.start(inTrouble);
    const targets = [
      { port: metricsPort, labels: { namespace: 'sync-sidecar', pod: 'webhook' } },
      { port: healthPortOf(sidecar), labels: { namespace, pod: 'grafana' } },
    ];
    const program = await findPrometheus(finding);
    prometheus = await startPrometheus({ program, folder: folder.path, targets, rules });
    // What is counted from here on is an increase.
    await expectEventually(async () => (await query('sync_sidecar_webhook_ready')).length, 1);
    await cluster.apply([pod({ name: 'asking', annotations: asking })], namespace);
  }, 90_000);

  afterAll(async () => {
    await (prometheus as Prometheus | undefined)?.stop();
    await (sidecar as RunningSidecar | undefined)?.stop();
  });

  it('has the dashboard as a file of the sidecar, by the label that the ConfigMap has', async () => {
    await expectFiles(files, { 'sync-sidecar.json': dashboard });
  });

  it.each(panelsIn(dashboard).map(({ title, targets }) => [title, targets] as const))(
    'has what the panel "%s" shows, and the labels of its legend',
    async (_title, targets) => {
      for (const { expr, legendFormat = '' } of targets.filter(({ expr }) => !onlyWithFiles.includes(expr)))
        await expectEventually(async () => problemsOf(await query(withValues(expr)), legendFormat), []);
    },
  );

  it('has values for the variables of the dashboard', async () => {
    const values = variablesIn(dashboard).map(({ label, selector }) =>
      prometheus.ask(`label/${label}/values`, { 'match[]': withValues(selector) }),
    );

    expect(await Promise.all(values)).toEqual([[namespace], ['grafana']]);
  });

  it('can evaluate every alert, and sees what is amiss', async () => {
    const states = async (): Promise<unknown> => {
      const { groups } = await prometheus.ask<Rules>('rules');
      const all = groups.flatMap((group) => group.rules);
      return Object.fromEntries(all.map(({ name, health, state }) => [name, `${health}, ${state}`]));
    };
    const amiss = ['SyncSidecarForbidden', 'SyncSidecarNotificationPending'];

    await expectEventually(
      states,
      Object.fromEntries(names.map((name) => [name, `ok, ${amiss.includes(name) ? 'pending' : 'inactive'}`])),
    );
  });

  async function query(expr: string): Promise<readonly Series[]> {
    return (await prometheus.ask<{ result: readonly Series[] }>('query', { query: expr })).result;
  }
});

/** With a notification that nobody takes, and Secrets that it may not read. */
const inTrouble = {
  LABEL: 'grafana_dashboard',
  LABEL_VALUE: '1',
  RESOURCE: 'both',
  READY_PARTIAL: 'true',
  ERROR_THROTTLE_SLEEP: '500ms',
  // Nobody listens at the discard port.
  REQ_URL: 'http://127.0.0.1:9/',
};

/** With TLS_MODE=self there is no such file. */
const onlyWithFiles = ['sync_sidecar_webhook_certificate_last_reload_successful'];

/** As Grafana does for a dashboard on which nothing is chosen. */
function withValues(expr: string): string {
  return expr.replaceAll(/\[\$__\w+\]/g, '[1m]').replaceAll(/\$(namespace|pod)/g, '.*');
}

function problemsOf(series: readonly Series[], legend: string): string[] {
  if (series.length === 0) return ['no series'];
  const labels = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
  return series.flatMap(({ metric, value: [, value] }) => [
    ...labels.filter((label) => !(label in metric)).map((label) => `no label ${label}: ${JSON.stringify(metric)}`),
    ...(value === 'NaN' ? [`no number: ${JSON.stringify(metric)}`] : []),
  ]);
}

/** The ConfigMap with the dashboard, for any namespace. */
async function renderedDashboard(): Promise<object> {
  const overlay = join(root, 'manifests/overlays/monitoring');
  const rendered = await cluster.kubectlOutput(['kustomize', overlay]);
  const [found] = rendered
    .split(/^---$/m)
    .map((text) => parse(text) as Manifest)
    .filter(({ kind, metadata: { name } }) => kind === 'ConfigMap' && name === 'sync-sidecar-dashboard');
  if (!found) throw new Error(`${overlay} has no ConfigMap with the dashboard`);
  const { namespace: _, ...metadata } = found.metadata;
  return { ...found, metadata };
}

function healthPortOf(program: RunningSidecar): number {
  const line = logEntries(program).find(({ msg }) => msg.startsWith('Starting health server'));
  return Number(line?.port);
}

interface Rules {
  groups: { rules: { name: string; health: string; state: string }[] }[];
}
