import { describe, expect } from '@jest/globals';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { expectFiles } from '../product/expect-files.ts';
import { dashboardsEnvironment, datasourcesEnvironment, datasourcesInitEnvironment } from '../product/grafana-chart.ts';
import { logEntries } from '../product/log-entries.ts';
import { insideOf, preparePodSidecar, type PodSidecar, type StartOptions } from '../product/pod-sidecar.ts';
import type { RunningSidecar } from '../product/sidecar-program.ts';
import { clusterReader, configMap, reader, secret } from '../product/test-objects.ts';
import { cluster, folder, inPod, running, unlessInPod, useCluster } from './use-cluster.ts';
import { receiver, useReceiver } from './use-receiver.ts';

useCluster();
useReceiver();

/*
 * The containers that common charts make for kiwigrid/k8s-sidecar, with what is particular to this machine in place of theirs: FOLDER,
 * the port of the health server, and where the application listens.
 *
 * https://github.com/grafana-community/helm-charts/blob/main/charts/loki/templates/_pod.tpl
 * https://github.com/jenkinsci/helm-charts/blob/main/charts/jenkins/templates/_helpers.tpl
 */

async function start(pod: PodSidecar, env: Record<string, string>, how: StartOptions = {}): Promise<RunningSidecar> {
  const program = await pod.start(env, how);
  running.push(program);
  return program;
}

/** What the probes of the charts ask. */
async function untilHealthy(program: RunningSidecar): Promise<void> {
  const healthy = async (): Promise<boolean> => {
    expect(await program.health('/healthz')).toEqual({ status: 200, body: 'OK' });
    return true;
  };
  await eventually(healthy, { timeoutMs: 20_000 });
}

function complaints(program: RunningSidecar): string[] {
  return logEntries(program)
    .filter(({ level }) => !['INFO', 'DEBUG'].includes(level))
    .map(({ msg }) => msg);
}

function application(path: string): string {
  return new URL(path, receiver.url).href;
}

describe(`with the environment of its chart, the sidecar of${unlessInPod}`, () => {
  inPod('Grafana for dashboards syncs all namespaces into folders and reloads by POST', async () => {
    const pod = await preparePodSidecar(cluster, { folder: folder.path });
    await cluster.apply(clusterReader(pod.namespace));
    const team = await cluster.createNamespace('team');
    const dashboard = { 'overview.json': '{"title":"Overview"}' };
    const labels = { grafana_dashboard: '1' };
    await cluster.apply([configMap({ name: 'overview', labels, data: dashboard })], pod.namespace);
    await cluster.apply(
      [
        secret({ name: 'a', labels, annotations: { grafana_folder: 'Team A' }, data: { 'team.json': '{}' } }),
        configMap({ name: 'b', labels: { grafana_dashboard: '2' }, data: { 'other.json': '{}' } }),
      ],
      team,
    );

    const program = await start(pod, dashboardsEnvironment(receiver.url), {
      uid: 472,
      volumeSize: '10m',
      readOnlyRoot: true,
    });
    await untilHealthy(program);
    await expectFiles(insideOf(program, pod.files), { ...dashboard, 'Team A/team.json': '{}' });
    await eventually(() => receiver.notifications.length > 0, { timeoutMs: 10_000 });

    const [{ method, path, body, authorization }] = receiver.notifications as [(typeof receiver.notifications)[0]];
    expect([method, path, body]).toEqual(['POST', '/api/admin/provisioning/dashboards/reload', '']);
    expect(authorization).toBe(`Basic ${Buffer.from('admin:prom-operator').toString('base64')}`);
    expect(complaints(program)).toEqual([]);
  });

  inPod('Grafana for datasources fills the volume as an init container and as a native sidecar', async () => {
    const pod = await preparePodSidecar(cluster, { folder: folder.path });
    const data = { 'loki.yaml': 'apiVersion: 1' };
    await cluster.apply([secret({ name: 'loki', labels: { grafana_datasource: '1' }, data })], pod.namespace);

    const init = await start(pod, datasourcesInitEnvironment, { wait: false });
    expect(await init.exited).toEqual({ code: 0, signal: null });
    await expectFiles(pod.files, data);
    const native = await start(pod, datasourcesEnvironment(receiver.url));
    await untilHealthy(native);
    await native.stop();

    expect(receiver.notifications).toEqual([]);
    expect(complaints(native)).toEqual([]);
  });

  inPod('Loki keeps folders of tenants, where the ruler finds nothing else that is not a comment', async () => {
    const pod = await preparePodSidecar(cluster, { folder: folder.path });
    const labels = { loki_rule: '' };
    const rules = { 'rules.yaml': 'groups: []' };
    const annotations = { 'k8s-sidecar-target-directory': 'tenant' };
    await cluster.apply([configMap({ name: 'rules', labels, annotations, data: rules })], pod.namespace);

    const program = await start(
      pod,
      {
        METHOD: 'WATCH',
        LABEL: 'loki_rule',
        FOLDER_ANNOTATION: 'k8s-sidecar-target-directory',
        RESOURCE: 'both',
        WATCH_SERVER_TIMEOUT: '60',
        WATCH_CLIENT_TIMEOUT: '60',
        LOG_LEVEL: 'INFO',
      },
      { volumeSize: '10m', readOnlyRoot: true, uid: 10001 },
    );
    await untilHealthy(program);
    const files = insideOf(program, pod.files);
    await expectFiles(files, { 'tenant/rules.yaml': 'groups: []' });
    const hidden = hiddenFiles(files).map((name) => readFileSync(join(files, name), 'utf8'));

    expect(hidden).toHaveLength(1);
    expect(
      hidden
        .join('')
        .split('\n')
        .filter((line) => !/^(#|$)/.test(line)),
    ).toEqual([]);
    expect(complaints(program)).toEqual([]);
  });

  inPod('Prometheus asks it for a reload by the flags of its command line, too', async () => {
    const pod = await preparePodSidecar(cluster, { folder: folder.path, access: reader(['configmaps']) });
    const data = { 'alerts.yaml': 'groups: []' };
    await cluster.apply([configMap({ name: 'alerts', labels: { prometheus_rule: '1' }, data })], pod.namespace);
    const [username, password] = ['username', 'password'].map((name) => join(folder.path, pod.namespace, name)) as [
      string,
      string,
    ];
    writeFileSync(username, 'admin\n');
    writeFileSync(password, 'p\u00e4ss\n');

    const program = await start(
      pod,
      { LABEL: 'prometheus_rule', REQ_URL: application('/-/reload'), REQ_METHOD: 'POST', REQ_USERNAME: 'nobody' },
      { flags: ['--req-username-file', username, `--req-password-file=${password}`] },
    );
    await untilHealthy(program);
    await expectFiles(pod.files, data);
    await eventually(() => receiver.notifications.length > 0, { timeoutMs: 10_000 });

    expect(receiver.notifications).toMatchObject([
      {
        method: 'POST',
        path: '/-/reload',
        authorization: `Basic ${Buffer.from('admin:p\u00e4ss', 'latin1').toString('base64')}`,
      },
    ]);
  });

  inPod('Jenkins fills the volume first, reloads Jenkins until it takes it, and logs as its file says', async () => {
    const pod = await preparePodSidecar(cluster, { folder: folder.path, access: reader(['configmaps']) });
    const label = 'release-jenkins-config';
    const casc = (text: string): object =>
      configMap({ name: 'casc', labels: { [label]: 'true' }, data: { 'casc.yaml': text } });
    await cluster.apply([casc('jenkins: {}')], pod.namespace);
    const logFile = join(folder.path, pod.namespace, 'sidecar.log');
    const LOG_CONFIG = join(folder.path, pod.namespace, 'auto-reload-config.yaml');
    writeFileSync(LOG_CONFIG, pythonLogging(logFile));
    const env = { POD_NAME: 'release-jenkins-0', LABEL: label, NAMESPACE: pod.namespace };
    receiver.answer = 503;

    const init = await start(pod, { ...env, METHOD: 'LIST' }, { wait: false });
    expect(await init.exited).toEqual({ code: 0, signal: null });
    await cluster.apply([casc('jenkins: {mode: NORMAL}')], pod.namespace);
    const program = await start(pod, {
      ...env,
      LOG_CONFIG,
      REQ_URL: application('/reload-configuration-as-code/?casc-reload-token=release-jenkins-0'),
      REQ_METHOD: 'POST',
      REQ_RETRY_CONNECT: '10',
      METHOD: 'SLEEP',
      SLEEP_TIME: '1',
    });
    await untilHealthy(program);
    await expectFiles(pod.files, { 'casc.yaml': 'jenkins: {mode: NORMAL}' });
    await eventually(() => receiver.notifications.length > 1, { timeoutMs: 20_000 });
    receiver.answer = 200;
    await eventually(() => readFileSync(logFile, 'utf8').includes('application notified'), { timeoutMs: 20_000 });

    const { path } = receiver.notifications[0] ?? {};
    expect(path).toBe('/reload-configuration-as-code/?casc-reload-token=release-jenkins-0');
    expect(readFileSync(logFile, 'utf8')).toMatch(/^time=\S+ level=INFO msg="?Writing /m);
    expect(logEntries(program).some(({ msg }) => msg.startsWith('Writing'))).toBe(true);
  });
});

function hiddenFiles(path: string): string[] {
  return readdirSync(path).filter((name) => name.startsWith('.'));
}

/** The `logging.config` of the chart's values, for two handlers. */
function pythonLogging(filename: string): string {
  return `
version: 1
disable_existing_loggers: false
root:
  level: INFO
  handlers: [console, file]
handlers:
  console:
    class: logging.StreamHandler
    level: INFO
    formatter: json
  file:
    class: logging.handlers.RotatingFileHandler
    filename: ${filename}
    formatter: logfmt
    maxBytes: 1048576
    backupCount: 3
formatters:
  json:
    "()": logger.JsonFormatter
    format: "%(levelname)s %(message)s"
    rename_fields: {message: msg, levelname: level}
  logfmt:
    "()": logger.LogfmtFormatter
    keys: [time, level, msg]
    mapping: {time: asctime, level: levelname, msg: message}
`;
}
