import { describe, expect, it, jest } from '@jest/globals';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { chartsFolder } from '../product/chart-pod.ts';
import { expectEventually } from '../product/expect-eventually.ts';
import { expectFiles } from '../product/expect-files.ts';
import { readModes } from '../product/folder-tree.ts';
import { complaints, logEntries } from '../product/log-entries.ts';
import { preparePodSidecar } from '../product/pod-sidecar.ts';
import { configMap, reader, readerFrom, secret } from '../product/test-objects.ts';
import { readManifests } from '../product/webhook-manifests.ts';
import { cluster, folder, inPod, running, unlessInPod } from './use-cluster.ts';
import { receiver } from './use-receiver.ts';
import { chartPod, inChartPod, requests, startIn, unlessInChartPod, useChartPods } from './use-chart-pods.ts';

useChartPods();

jest.setTimeout(120_000);

describe('every pod in test/charts', () => {
  it.each(readdirSync(chartsFolder))(
    '%s says what it is modelled on, and is one that the API server takes',
    async (name) => {
      const path = join(chartsFolder, name);
      expect(readFileSync(path, 'utf8')).toMatch(/^#[^]+?\n# Modelled on [^]+?\n(?!#)/);
      const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: await readManifests(path) });
      const namespace = await cluster.createNamespace('chart');

      const how = ['--dry-run=server', '--validate=strict', '--namespace', namespace, '--filename', '-'];
      expect(await cluster.kubectlOutput(['create', ...how], { input })).toContain('pod/');
    },
  );
});

describe(`with the sidecar of its chart, Loki${unlessInChartPod}`, () => {
  const labels = { loki_rule: 'true' };
  const rules = (content: string): string => `groups: [{ name: ${content} }]`;

  inChartPod('has the rules of each tenant, and nothing else that its ruler could take for some', async () => {
    const teams = [await cluster.createNamespace('team-a'), await cluster.createNamespace('team-b')] as const;
    const pod = await chartPod('loki');
    const give = async (content: string): Promise<void> => {
      const annotations = (tenant: string) => ({ 'k8s-sidecar-target-directory': tenant });
      const data = { 'rules.yaml': rules(content) };
      await cluster.apply([configMap({ name: 'rules', labels, annotations: annotations('a'), data })], teams[0]);
      await cluster.apply([secret({ name: 'rules', labels, annotations: annotations('/rules/b'), data })], teams[1]);
    };
    const files = (content: string) => ({
      [`a/namespace_${teams[0]}.configmap_rules.rules.yaml`]: rules(content),
      [`b/namespace_${teams[1]}.secret_rules.rules.yaml`]: rules(content),
    });
    for (const team of teams) await cluster.apply(readerFrom(pod.namespace), team);
    await give('first');
    const volume = pod.volumes.get('sc-rules-volume') ?? '';

    const program = await startIn(pod, 'loki-sc-rules', { NAMESPACE: teams.join(',') });
    await expectEventually(() => probed(pod.probe('loki-sc-rules')), ['200 OK', '200 OK']);
    await expectFiles(volume, files('first'));
    expect(Object.values(readModes(volume))).toEqual(['644', '644']);
    await give('second');
    await expectFiles(volume, files('second'));
    await cluster.kubectlOutput(['delete', 'configmap', 'rules', '--namespace', teams[0]]);
    const left = Object.keys(files('second'))[1]!;
    await expectFiles(volume, { [left]: rules('second') });

    // The folder goes a moment after its last file, and then the record is written.
    await expectEventually(() => visible(volume), [left.split('/')[0]]);
    await expectEventually(() => hiddenTexts(volume), [expect.stringMatching(/^(#.*\n|\n)*$/)]);
    expect(complaints(program)).toEqual([]);
    expect(await program.stop()).toEqual({ code: 0, signal: null });
  });
});

function visible(folder: string): string[] {
  return readdirSync(folder).filter((name) => !name.startsWith('.'));
}

function hiddenTexts(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.startsWith('.'));
  return names.map((name) => readFileSync(join(folder, name), 'utf8'));
}

/** While the program does not listen yet, a probe fails. */
async function probed(answers: Promise<string[]>): Promise<string[] | string> {
  return answers.catch(() => 'no answer');
}

describe(`with the sidecars of its chart, Jenkins${unlessInChartPod}`, () => {
  const access = reader(['configmaps']);
  const casc = (label: string, content: string): object =>
    configMap({ name: 'casc', labels: { [label]: 'true' }, data: { 'casc.yaml': `jenkins: {${content}}` } });

  inChartPod('starts with its configuration, and is asked to load a changed one until it does', async () => {
    const pod = await chartPod('jenkins', { port: 8080, access });
    const label = 'jenkins-jenkins-config';
    const replaced = { NAMESPACE: pod.namespace };
    await cluster.apply([casc(label, '')], pod.namespace);
    const files = pod.volumes.get('sc-config-volume') ?? '';

    const init = await startIn(pod, 'config-reload-init', replaced);
    expect(await init.exited).toEqual({ code: 0, signal: null });
    await expectFiles(files, { 'casc.yaml': 'jenkins: {}' });
    const program = await startIn(pod, 'config-reload', replaced);
    await expectEventually(() => probed(program.health('/healthz').then(({ body }) => [body])), ['OK']);
    expect(requests()).toEqual([]);

    receiver.answer = 503;
    await cluster.apply([casc(label, 'mode: NORMAL')], pod.namespace);
    await expectFiles(files, { 'casc.yaml': 'jenkins: {mode: NORMAL}' });
    await eventually(() => receiver.notifications.length > 1, { timeoutMs: 20_000 });
    receiver.answer = 200;
    await eventually(() => program.log().includes('application notified'), { timeoutMs: 30_000 });
    const url = '/reload-configuration-as-code/?casc-reload-token=jenkins-0';
    expect(new Set(requests())).toEqual(new Set([`POST ${url}`]));

    const before = requests().length;
    await cluster.kubectlOutput(['delete', 'configmap', 'casc', '--namespace', pod.namespace]);
    await expectFiles(files, {});
    await expectEventually(() => requests().length, before + 1);
    expect(complaints(init)).toEqual([]);
    expect(new Set(complaints(program))).toEqual(new Set(['notification failed']));
    expect(await program.stop()).toEqual({ code: 0, signal: null });
  });

  inChartPod('is asked by what its values say in place of the chart, with a log as its file says', async () => {
    const pod = await chartPod('jenkins-sleep', { port: 8080, access });
    const label = 'ci-jenkins-jenkins-config';
    const replaced = { NAMESPACE: pod.namespace };
    const files = pod.volumes.get('sc-config-volume') ?? '';
    await cluster.apply([casc(label, '')], pod.namespace);

    const init = await startIn(pod, 'config-reload-init', replaced);
    expect(await init.exited).toEqual({ code: 0, signal: null });
    await cluster.apply([casc(label, 'mode: NORMAL')], pod.namespace);
    const program = await startIn(pod, 'config-reload', replaced);
    await expectFiles(files, { 'casc.yaml': 'jenkins: {mode: NORMAL}' });
    await expectEventually(() => requests().length, 1);
    await cluster.apply([casc(label, 'mode: EXCLUSIVE')], pod.namespace);
    await expectFiles(files, { 'casc.yaml': 'jenkins: {mode: EXCLUSIVE}' });
    await expectEventually(() => requests().length, 2);

    const url = '/ci/reload-configuration-as-code/?casc-reload-token=ci-jenkins-0';
    expect(receiver.notifications.map(({ path, body }) => [path, body])).toEqual(
      Array(2).fill([url, '{"pod":"ci-jenkins-0"}']),
    );
    expect([complaints(init), complaints(program)]).toEqual([[], []]);
    const logs = pod.volumes.get('auto-reload-config-logs') ?? '';
    const written = (): string[] => readdirSync(logs).map((name) => readFileSync(join(logs, name), 'utf8'));
    await expectEventually(() => written().join('\n'), expect.stringMatching(/^time=\S+ level=INFO msg="?Writing /m));
    expect(['file.log', 'file.log.1', 'file.log.2', 'file.log.3']).toEqual(expect.arrayContaining(readdirSync(logs)));
    expect(readdirSync(logs)).toContain('file.log.1');
    for (const text of written()) expect(text.length).toBeLessThanOrEqual(1024);
    expect(logEntries(program).some(({ msg }) => msg.startsWith('Writing'))).toBe(true);
  });
});

describe(`with a sidecar by hand, Prometheus${unlessInPod}`, () => {
  inPod('is asked for a reload by the flags of its command line, too', async () => {
    const pod = await preparePodSidecar(cluster, { folder: folder.path, access: reader(['configmaps']) });
    const data = { 'alerts.yaml': 'groups: []' };
    await cluster.apply([configMap({ name: 'alerts', labels: { prometheus_rule: '1' }, data })], pod.namespace);
    const [username, password] = ['username', 'password'].map((name) => join(folder.path, pod.namespace, name)) as [
      string,
      string,
    ];
    writeFileSync(username, 'admin\n');
    writeFileSync(password, 'p\u00e4ss\n');

    const REQ_URL = new URL('/-/reload', receiver.url).href;
    const program = await pod.start(
      { LABEL: 'prometheus_rule', REQ_URL, REQ_METHOD: 'POST', REQ_USERNAME: 'nobody' },
      { flags: ['--req-username-file', username, `--req-password-file=${password}`] },
    );
    running.push(program);
    await expectEventually(() => program.health('/healthz'), { status: 200, body: 'OK' });
    await expectFiles(pod.files, data);

    await expectEventually(requests, ['POST /-/reload admin:p\u00e4ss']);
  });
});
