import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Pod } from '../../webhook/pod.ts';
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

describe('what a Prometheus of prometheus-operator is told to scrape', () => {
  it('is the port of the Service of the webhook', async () => {
    const { spec: monitor } = await rendered('ServiceMonitor', 'sync-sidecar-webhook');
    const { metadata, spec: service } = await rendered('Service', 'sync-sidecar-webhook');

    const { selector, endpoints } = monitor as { selector: { matchLabels: object }; endpoints: object[] };
    expect(metadata.labels).toMatchObject(selector.matchLabels);
    expect(endpoints).toEqual([{ port: 'metrics' }]);
    expect(service).toHaveProperty('ports', expect.arrayContaining([expect.objectContaining({ name: 'metrics' })]));
  });

  it('is the port that injected sidecars have, in all namespaces', async () => {
    const { spec: monitor } = await rendered('PodMonitor', 'sync-sidecar');
    const namespace = await createNamespace();
    await cluster.apply([pod({ name: 'asking', annotations: asking })], namespace);
    const { spec } = await cluster.get<Pod>('pod', 'asking', '--namespace', namespace);

    const port = spec?.initContainers?.[0]?.ports?.[0]?.name;
    expect(monitor).toMatchObject({ namespaceSelector: { any: true }, selector: {}, podMetricsEndpoints: [{ port }] });
    expect(port).toBe('sync-health');
  });
});

describe('a Prometheus that scrapes the webhook and a sidecar', () => {
  let namespace: string;
  let sidecar: RunningSidecar;
  let files: string;
  let prometheus: Prometheus;

  beforeAll(async () => {
    namespace = await createNamespace();
    await cluster.apply([withoutNamespace(await rendered('ConfigMap', 'sync-sidecar-dashboard'))], namespace);
    const prepared = await prepareSidecar(cluster, { namespace, folder: folder.path, resources: ['configmaps'] });
    files = prepared.files;
    sidecar = await prepared.start(inTrouble);
    prometheus = await startPrometheus({
      program: await findPrometheus(finding),
      folder: folder.path,
      targets: [
        { port: metricsPort, labels: { namespace: 'sync-sidecar', pod: 'webhook' } },
        { port: healthPortOf(sidecar), labels: { namespace, pod: 'grafana' } },
      ],
      rules,
    });
    // What is counted from here on is an increase.
    await expectEventually(async () => (await query('sync_sidecar_webhook_ready')).length, 1);
    await cluster.apply([pod({ name: 'grafana', annotations: asking })], namespace);
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

/** An object of the overlay. */
async function rendered(kind: string, name: string): Promise<Manifest> {
  const overlay = join(root, 'manifests/overlays/monitoring');
  const texts = (await cluster.kubectlOutput(['kustomize', overlay])).split(/^---$/m);
  const manifests = texts.map((text) => parse(text) as Manifest);
  const found = manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (!found) throw new Error(`${overlay} has no ${kind} ${name}`);
  return found;
}

function withoutNamespace({ metadata: { namespace: _, ...metadata }, ...manifest }: Manifest): object {
  return { ...manifest, metadata };
}

function healthPortOf(program: RunningSidecar): number {
  const line = logEntries(program).find(({ msg }) => msg.startsWith('Starting health server'));
  return Number(line?.port);
}

interface Rules {
  groups: { rules: { name: string; health: string; state: string }[] }[];
}
