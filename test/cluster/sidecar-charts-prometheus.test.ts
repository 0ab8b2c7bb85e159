import { describe, expect, jest } from '@jest/globals';
import { expectEventually } from '../product/expect-eventually.ts';
import { expectFiles } from '../product/expect-files.ts';
import { complaints } from '../product/log-entries.ts';
import { clusterReader, configMap } from '../product/test-objects.ts';
import { scrape } from '../product/scrape.ts';
import type { RunningSidecar } from '../product/sidecar-program.ts';
import { cluster } from './use-cluster.ts';
import { receiver } from './use-receiver.ts';
import { chartPod, inChartPod, requests, startIn, unlessInChartPod, useChartPods } from './use-chart-pods.ts';

useChartPods();

jest.setTimeout(90_000);

const reload = (what: string): string => `POST /api/admin/provisioning/${what}/reload`;
const noHealth = "the health server can't listen on port 8080";

// So many dashboards has the chart by default.
const numbers = Array.from({ length: 35 }, (_, index) => index + 1);

/** Dashboards as the chart has them: an object for each. */
function dashboards(prefix: string, value: string): { objects: object[]; files: Record<string, string> } {
  const files = numbers.map((number) => [`${prefix}-${number}.json`, `{"title":"${prefix} ${number}"}`] as const);
  const objects = files.map(([name, content]) =>
    configMap({ name, labels: { grafana_dashboard: value }, data: { [name]: content } }),
  );
  return { objects, files: Object.fromEntries(files) };
}

/** Waits until nothing is left that the application does not know of. */
async function untilTold(program: RunningSidecar): Promise<void> {
  const pending = 'sync_sidecar_notification_pending{sync="sync"}';
  await expectEventually(async () => (await scrape(program)).get(pending), 0);
}

describe(`with the sidecars of kube-prometheus-stack, Grafana${unlessInChartPod}`, () => {
  inChartPod(
    'shows the dashboards of all namespaces, and is asked for few reloads, however many they are',
    async () => {
      const pod = await chartPod('kube-prometheus-stack', { port: 3000 });
      await cluster.apply(clusterReader(pod.namespace));
      const team = await cluster.createNamespace('team');
      // In place of "1", which other tests have: all namespaces are read.
      const value = pod.namespace;
      const [first, second] = [dashboards('first', value), dashboards('second', value)];
      await cluster.apply(first.objects, pod.namespace);
      const files = pod.volumes.get('sc-dashboard-volume') ?? '';

      const program = await startIn(pod, 'grafana-sc-dashboard', { LABEL_VALUE: value });
      await expectFiles(files, first.files);
      await untilTold(program);
      expect(requests()).toEqual([`${reload('dashboards')} admin:prom-operator`]);

      await cluster.apply(second.objects, team);
      await expectFiles(files, { ...first.files, ...second.files });
      await untilTold(program);
      // One, unless this machine takes more than NOTIFY_QUIET from one object to the next.
      expect(requests().length - 1).toBeLessThanOrEqual(5);

      await cluster.kubectlOutput(['delete', 'configmap', '--all', '--namespace', team]);
      await expectFiles(files, first.files);
      await untilTold(program);
      expect(new Set(requests())).toEqual(new Set([`${reload('dashboards')} admin:prom-operator`]));
      expect(await program.health('/healthz')).toEqual({ status: 200, body: 'OK' });
      expect(complaints(program)).toEqual([]);
    },
  );

  inChartPod('has the data sources of its own namespace, beside a sidecar that has taken the port', async () => {
    const pod = await chartPod('kube-prometheus-stack', { port: 3000 });
    await cluster.apply(clusterReader(pod.namespace));
    const team = await cluster.createNamespace('team');
    const dataSource = (content: string): object =>
      configMap({ name: 'x', labels: { grafana_datasource: '1' }, data: { 'datasource.yaml': content } });
    await cluster.apply([dataSource('of a team')], team);
    await cluster.apply([dataSource('apiVersion: 1')], pod.namespace);
    const dashboardSidecar = await startIn(pod, 'grafana-sc-dashboard', { LABEL_VALUE: pod.namespace });
    await expectEventually(() => dashboardSidecar.health('/healthz'), { status: 200, body: 'OK' });

    const program = await startIn(pod, 'grafana-sc-datasources');

    await expectFiles(pod.volumes.get('sc-datasources-volume') ?? '', { 'datasource.yaml': 'apiVersion: 1' });
    await expectEventually(requests, [`${reload('datasources')} admin:prom-operator`]);
    expect(complaints(program)).toEqual([noHealth]);
    expect(await program.stop()).toEqual({ code: 0, signal: null });
    expect(receiver.notifications.map(({ body }) => body)).toEqual(['']);
  });
});
