import { beforeEach, describe, expect, jest } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ChartPod } from '../product/chart-pod.ts';
import { expectEventually } from '../product/expect-eventually.ts';
import { expectFiles } from '../product/expect-files.ts';
import { complaints } from '../product/log-entries.ts';
import { readModes, readTree, readVisibleTree } from '../product/folder-tree.ts';
import { leaksOf } from '../product/leaks.ts';
import type { RunningSidecar } from '../product/sidecar-program.ts';
import { configMap, readerFrom, secret } from '../product/test-objects.ts';
import { cluster } from './use-cluster.ts';
import { chartPod, inChartPod, requests, startIn, unlessInChartPod, useChartPods } from './use-chart-pods.ts';

useChartPods();

jest.setTimeout(120_000);

const reload = (what: string): string => `POST /api/admin/provisioning/${what}/reload`;
const kinds = ['alerts', 'dashboard', 'datasources', 'notifiers', 'plugins'];

/** The files of the five volumes, by the kind of what is in them. */
async function expectVolumes({ volumes }: ChartPod, expected: Record<string, Record<string, string>>): Promise<void> {
  const filesOf = (kind: string) => withoutRecord(readTree(volumeOf(volumes, kind)));
  const present = (): object => Object.fromEntries(Object.keys(expected).map((kind) => [kind, filesOf(kind)]));
  await expectEventually(present, expected);
}

/** The ownership record lies in FOLDER, which is not always the root of the volume. */
function withoutRecord(files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).filter(([path]) => !basename(path).startsWith('.sync-sidecar.')));
}

function volumeOf(volumes: ChartPod['volumes'], kind: string): string {
  return volumes.get(`sc-${kind}-volume`) ?? '';
}

interface Namespaces {
  readonly own: string;
  readonly a: string;
  readonly b: string;
}

/** What teams have for Grafana, and what is not meant for it. */
function objectsFor({ own, a, b }: Namespaces, content: string): object[] {
  const folder = (grafana_folder: string) => ({ labels: { grafana_dashboard: '' }, annotations: { grafana_folder } });
  const alert = (grafana_alert: string) => ({ labels: { grafana_alert } });
  return [
    configMap({ namespace: a, name: 'rules', ...alert('1'), data: { 'rules.yaml': content } }),
    configMap({ namespace: b, name: 'no-rules', ...alert('2'), data: { 'no.yaml': content } }),
    configMap({ namespace: a, name: 'a', ...folder('Team A'), data: { 'overview.json': content } }),
    secret({ namespace: b, name: 'b', ...folder('/tmp/dashboards/Team B'), data: { 'other.json': content } }),
    secret({ namespace: own, name: 'loki', data: { 'loki.yaml': content } }),
    secret({ namespace: own, name: 'prometheus', data: { 'prometheus.yaml': content } }),
    secret({ namespace: own, name: 'no', labels: { grafana_datasource: '' }, data: { 'no.yaml': content } }),
    configMap({ namespace: own, name: 'mail', labels: { grafana_notifier: '' }, data: { 'mail.yaml': content } }),
    secret({ namespace: own, name: 'app', labels: { grafana_plugin: 'x' }, data: { 'app.yaml': content } }),
  ];
}

/** The files that Grafana should have of these. */
function filesWith(content: string) {
  return {
    alerts: { 'rules.yaml': content },
    dashboard: { 'General/Team A/overview.json': content, 'Team B/other.json': content },
    datasources: { 'loki.yaml': content, 'prometheus.yaml': content },
    notifiers: { 'mail.yaml': content },
    plugins: { 'app.yaml': content },
  };
}

describe(`with the five sidecars of its chart, Grafana${unlessInChartPod}`, () => {
  const reloads = ['alerting', 'dashboards', 'datasources', 'plugins'].map((what) => `${reload(what)} admin:w\u00f6rd`);
  let pod: ChartPod;
  let namespaces: Namespaces;

  beforeEach(async () => {
    const [a, b] = [await cluster.createNamespace('team-a'), await cluster.createNamespace('team-b')];
    pod = await chartPod('grafana', { port: 3000, serviceLinks: { GRAFANA_PORT: 'tcp://10.96.0.10:80' } });
    namespaces = { own: pod.namespace, a, b };
    for (const team of [a, b]) await cluster.apply(readerFrom(pod.namespace), team);
  });

  /** Starts all at once: which of them gets the port is not said. */
  function startAll(): Promise<RunningSidecar[]> {
    const NAMESPACE = `${namespaces.a},${namespaces.b}`;
    const replaced: Record<string, Record<string, string>> = { alerts: { NAMESPACE }, dashboard: { NAMESPACE } };
    return Promise.all(kinds.map((kind) => startIn(pod, `grafana-sc-${kind}`, replaced[kind])));
  }

  function scriptRuns(): number {
    const lines = join(pod.volumes.get('told') ?? '', 'lines');
    return existsSync(lines) ? readFileSync(lines, 'utf8').trim().split('\n').length : 0;
  }

  /** Changes something, and waits until Grafana has it, was asked to reload each kind, and the script has run. */
  async function expectAfter(
    change: () => Promise<unknown>,
    files: Record<string, Record<string, string>>,
  ): Promise<void> {
    const [since, before] = [performance.now(), scriptRuns()];
    await change();
    await expectVolumes(pod, files);
    await expectEventually(() => [...new Set(requests(since))].sort(), reloads);
    await expectEventually(scriptRuns, before + 1);
  }

  inChartPod('has every change, and is asked to reload each kind', async () => {
    const give = (content: string) => (): Promise<void> => cluster.apply(objectsFor(namespaces, content));
    const takeAway = (): Promise<unknown> =>
      cluster.kubectlOutput(['delete', '--filename', '-'], {
        input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objectsFor(namespaces, '') }),
      });
    await give('first')();

    await expectAfter(startAll, filesWith('first'));
    const modes = kinds.flatMap((kind) => Object.values(readModes(volumeOf(pod.volumes, kind))));
    expect(new Set(modes)).toEqual(new Set(['644']));
    await expectAfter(give('second'), filesWith('second'));
    await expectAfter(takeAway, Object.fromEntries(kinds.map((kind) => [kind, {}])));
  });

  inChartPod('has one sidecar that answers at the port that all want; the others say so and go on', async () => {
    await cluster.apply(objectsFor(namespaces, 'first'));
    const programs = await startAll();
    await expectVolumes(pod, filesWith('first'));

    expect(await programs[0]?.health('/healthz')).toEqual({ status: 200, body: 'OK' });
    const noHealth = "the health server can't listen on port 8080";
    expect(programs.map(complaints).sort()).toEqual([[], ...Array<string[]>(4).fill([noHealth])]);
    const statuses = await Promise.all(programs.map((program) => program.stop()));
    expect(statuses).toEqual(kinds.map(() => ({ code: 0, signal: null })));
  });
});

describe(`with init containers of its chart, Grafana${unlessInChartPod}`, () => {
  const content = 'a secret value';
  const labels = {
    alerts: 'grafana_alert',
    datasources: 'grafana_datasource',
    notifiers: 'grafana_notifier',
    dashboard: 'grafana_dashboard',
  };

  const notToldYet = [
    'notification failed',
    'Max retries exceeded for URL http://localhost:3000/***',
    'the application was not notified',
  ];

  async function giveTo({ namespace }: ChartPod): Promise<void> {
    const objects = Object.entries(labels).map(([kind, label]) =>
      secret({ name: kind, labels: { [label]: '' }, data: { 'x.yaml': content } }),
    );
    await cluster.apply(objects, namespace);
  }

  inChartPod('finds its files when it starts, also where its reload is asked for before it is there', async () => {
    const pod = await chartPod('grafana-init');
    await giveTo(pod);

    for (const kind of Object.keys(labels)) {
      const program = await startIn(pod, `grafana-init-sc-${kind}`);
      expect([kind, await program.exited]).toEqual([kind, { code: 0, signal: null }]);
      expect(readVisibleTree(volumeOf(pod.volumes, kind))).toEqual({
        [`namespace_${pod.namespace}.secret_${kind}.x.yaml`]: content,
      });
      expect(complaints(program)).toEqual(kind === 'datasources' ? notToldYet : []);
      expect(leaksOf(content, program.log())).toEqual([]);
    }
  });

  inChartPod('that go on finds its files when it starts, and is asked to reload what changes later', async () => {
    const pod = await chartPod('grafana-native', { port: 3000 });
    await giveTo(pod);
    const programs = [];

    for (const kind of Object.keys(labels)) {
      programs.push(await startIn(pod, `grafana-init-sc-${kind}`));
      // The liveness probe asks the first of them, whichever has it.
      await expectEventually(() => pod.probe(`grafana-init-sc-${kind}`), ['200 OK', '200 OK']);
      expect(readVisibleTree(volumeOf(pod.volumes, kind))).toEqual({ 'x.yaml': content });
    }
    expect(requests()).toEqual([]);

    const changed = Object.entries(labels).map(([kind, label]) =>
      secret({ name: kind, labels: { [label]: '' }, data: { 'x.yaml': 'changed' } }),
    );
    await cluster.apply(changed, pod.namespace);
    for (const kind of Object.keys(labels)) await expectFiles(volumeOf(pod.volumes, kind), { 'x.yaml': 'changed' });
    const who = 'admin:prom-operator';
    await expectEventually(
      () => requests().sort(),
      [`${reload('dashboards')} ${who}`, `${reload('datasources')} ${who}`],
    );
    expect(programs.map(complaints)).toEqual([[], [], [], []]);
  });
});
