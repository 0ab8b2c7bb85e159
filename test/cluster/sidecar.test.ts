import { describe, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { readVisibleTree } from '../product/folder-tree.ts';
import { startNotificationReceiver } from '../product/notification-receiver.ts';
import { startProgram } from '../product/program.ts';
import { prepareSidecar, type LocalSidecar, type RunningSidecar } from '../product/sidecar-program.ts';
import { configMap, secret } from '../product/test-objects.ts';
import { cluster, folder, running, useCluster } from './use-cluster.ts';

useCluster();

const labels = { dashboard: '1' };

async function prepare(resources?: readonly string[]): Promise<{ namespace: string; sidecar: LocalSidecar }> {
  const namespace = await cluster.createNamespace('sidecar');
  const options = { namespace, folder: folder.path, ...(resources && { resources }) };
  return { namespace, sidecar: await prepareSidecar(cluster, options) };
}

async function start(sidecar: LocalSidecar, env: Record<string, string> = {}): Promise<RunningSidecar> {
  const program = await sidecar.start(env);
  running.push(program);
  return program;
}

/** Waits until the files are these; hidden ones (the ownership record) aside. */
async function expectFiles(path: string, expected: Record<string, unknown>): Promise<void> {
  const asExpected = (): boolean => {
    expect(readVisibleTree(path)).toEqual(expected);
    return true;
  };
  await eventually(asExpected, { timeoutMs: 5000 }).catch(() => undefined);
  asExpected();
}

async function remove(namespace: string, ...what: string[]): Promise<void> {
  await cluster.kubectlOutput(['delete', '--namespace', namespace, ...what]);
}

describe.each([
  ['ConfigMap', configMap, 'configmap'],
  ['Secret', secret, 'secret'],
] as const)('a %s', (_kind, object, resource) => {
  it('is followed from its creation over changes, a removed key and a removed label to its end', async () => {
    const { namespace, sidecar } = await prepare();
    await start(sidecar, { RESOURCE: resource });

    await cluster.apply([object({ name: 'one', labels, data: { 'a.json': '1', 'b.json': '2' } })], namespace);
    await expectFiles(sidecar.files, { 'a.json': '1', 'b.json': '2' });

    await cluster.apply([object({ name: 'two', labels, data: { 'c.json': '3' } })], namespace);
    await cluster.kubectlOutput(['replace', '--namespace', namespace, '--filename', '-'], {
      input: JSON.stringify(object({ name: 'one', labels, data: { 'a.json': 'changed' } })),
    });
    await expectFiles(sidecar.files, { 'a.json': 'changed', 'c.json': '3' });

    await cluster.kubectlOutput(['label', resource, 'two', 'dashboard-', '--namespace', namespace]);
    await expectFiles(sidecar.files, { 'a.json': 'changed' });

    await remove(namespace, resource, 'one');
    await expectFiles(sidecar.files, {});
  });
});

describe('the sidecar', () => {
  it('writes binaryData as bytes', async () => {
    const { namespace, sidecar } = await prepare();
    await cluster.apply([configMap({ name: 'logo', labels, binaryData: { 'logo.png': '/wCA' } })], namespace);

    await start(sidecar);

    await expectFiles(sidecar.files, { 'logo.png': '\xff\x00\x80' });
  });

  it('removes after a restart what was deleted meanwhile, and leaves foreign files alone', async () => {
    const { namespace, sidecar } = await prepare();
    await cluster.apply(
      ['stays', 'goes'].map((name) => configMap({ name, labels, data: { [`${name}.json`]: name } })),
      namespace,
    );
    const first = await start(sidecar);
    await expectFiles(sidecar.files, { 'goes.json': 'goes', 'stays.json': 'stays' });
    await first.kill();
    await writeFile(join(sidecar.files, 'foreign.json'), 'not ours');
    await remove(namespace, 'configmap', 'goes');

    const second = await start(sidecar);

    await expectFiles(sidecar.files, { 'foreign.json': 'not ours', 'stays.json': 'stays' });
    expect(second.log()).not.toContain('Writing');
  });

  it('says 200 on /startupz at once after a restart, as a complete sync is on the volume', async () => {
    const { sidecar } = await prepare(['services']);
    const { sidecar: allowed, namespace } = await prepare();
    await cluster.apply([configMap({ name: 'one', labels, data: { 'a.json': '1' } })], namespace);
    const first = await start(allowed);
    await first.stop();

    const unreachable = await start(allowed, {
      KUBECONFIG: await brokenKubeconfig(),
      WAIT_FOR: 'nothing',
      NAMESPACE: namespace,
    });
    const fresh = await start(sidecar, { WAIT_FOR: 'nothing' });

    expect(await eventually(() => unreachable.health('/startupz'), { timeoutMs: 5000 })).toMatchObject({ status: 200 });
    expect((await unreachable.health('/readyz')).status).toBe(503);
    expect((await eventually(() => fresh.health('/startupz'), { timeoutMs: 5000 })).status).toBe(503);
  });

  it('runs two syncs in one process, each with its own label, kinds and folder', async () => {
    const { namespace, sidecar } = await prepare();
    await cluster.apply(
      [
        configMap({ name: 'd', labels, data: { 'd.json': 'dashboard' } }),
        secret({ name: 'a', labels: { alert: 'x' }, data: { 'a.yaml': 'alert' } }),
        configMap({ name: 'n', labels: { alert: 'x' }, data: { 'n.yaml': 'no secret' } }),
      ],
      namespace,
    );
    const [dashboards, alerts] = ['dashboards', 'alerts'].map((name) => join(sidecar.files, name));

    const program = await start(sidecar, {
      SYNCS: 'dashboards,alerts',
      DASHBOARDS__FOLDER: dashboards ?? '',
      ALERTS__FOLDER: alerts ?? '',
      ALERTS__LABEL: 'alert',
      ALERTS__RESOURCE: 'secret',
    });

    await expectFiles(dashboards ?? '', { 'd.json': 'dashboard' });
    await expectFiles(alerts ?? '', { 'a.yaml': 'alert' });
    expect((await program.health('/readyz')).status).toBe(200);
  });

  it('lets two syncs share a folder: one has a path, and the other one takes over when it goes', async () => {
    const { namespace, sidecar } = await prepare();
    await cluster.apply(
      [
        configMap({ name: 'one', labels, data: { 'same.json': 'first', 'a.json': 'a' } }),
        configMap({ name: 'two', labels: { alert: 'x' }, data: { 'same.json': 'second', 'b.json': 'b' } }),
      ],
      namespace,
    );
    await start(sidecar, { SYNCS: 'a,b', B__LABEL: 'alert' });
    await expectFiles(sidecar.files, { 'a.json': 'a', 'b.json': 'b', 'same.json': expect.any(String) });
    const [winner, loser] = readVisibleTree(sidecar.files)['same.json'] === 'first' ? ['one', 'b'] : ['two', 'a'];

    await remove(namespace, 'configmap', winner);

    await expectFiles(sidecar.files, { [`${loser}.json`]: loser, 'same.json': loser === 'b' ? 'second' : 'first' });
  });

  it('notifies after a restart of what it could not notify of before it was killed', async () => {
    const receiver = await startNotificationReceiver();
    try {
      const { namespace, sidecar } = await prepare();
      const env = { REQ_URL: receiver.url, NOTIFY_QUIET: '10ms', REQ_RETRY_TOTAL: '0' };
      receiver.answer = 500;
      await cluster.apply([configMap({ name: 'one', labels, data: { 'a.json': '1' } })], namespace);
      const first = await start(sidecar, env);
      await eventually(() => receiver.notifications.length > 0, { timeoutMs: 5000 });
      await first.kill();
      receiver.answer = 200;
      const before = receiver.notifications.length;

      const second = await start(sidecar, env);

      await eventually(() => receiver.notifications.length > before, { timeoutMs: 5000 });
      expect(second.log()).not.toContain('Writing');
    } finally {
      await receiver.close();
    }
  });

  it('ends with METHOD=LIST once everything is written', async () => {
    const { namespace, sidecar } = await prepare();
    await cluster.apply([configMap({ name: 'one', labels, data: { 'a.json': '1' } })], namespace);

    const program = await start(sidecar, { METHOD: 'LIST' });

    expect(await program.exited).toEqual({ code: 0, signal: null });
    expect(readVisibleTree(sidecar.files)).toEqual({ 'a.json': '1' });
  });

  it('lists again and again with METHOD=SLEEP', async () => {
    const { namespace, sidecar } = await prepare();
    await start(sidecar, { METHOD: 'SLEEP', SLEEP_TIME: '100ms' });

    await cluster.apply([configMap({ name: 'one', labels, data: { 'a.json': '1' } })], namespace);
    await expectFiles(sidecar.files, { 'a.json': '1' });
    await remove(namespace, 'configmap', 'one');
    await expectFiles(sidecar.files, {});
  });

  it('syncs the rest where RBAC is missing for one kind, and names verb, resource and namespace', async () => {
    const { namespace, sidecar } = await prepare(['configmaps']);
    await cluster.apply([configMap({ name: 'one', labels, data: { 'a.json': '1' } })], namespace);

    const program = await start(sidecar, { RESOURCE: 'both', WAIT_FOR: 'nothing' });

    await expectFiles(sidecar.files, { 'a.json': '1' });
    const { status, body } = await eventually(
      async () => {
        const answer = await program.health('/startupz');
        return answer.body.includes('forbidden') && answer;
      },
      { timeoutMs: 5000 },
    );
    expect(status).toBe(503);
    expect(body).toContain(`cannot list secrets in namespace "${namespace}"`);
  });

  it('ends within a second of SIGTERM with exit code 0', async () => {
    const { sidecar } = await prepare();
    const program = await start(sidecar);

    expect(await program.stop('SIGTERM', 1000)).toEqual({ code: 0, signal: null });
  });

  it('refuses to start without LABEL and FOLDER, naming every problem, with exit code 1', async () => {
    const program = await startProgram({ name: 'sidecar', env: { METHOD: 'WACH' }, home: folder.path });

    expect(await program.exited).toEqual({ code: 1, signal: null });
    expect(JSON.parse(program.log())).toMatchObject({ level: 'CRITICAL', msg: '3 problems with the settings' });
    expect((JSON.parse(program.log()) as { problems: string[] }).problems).toEqual([
      'LABEL: is required and not set; accepts a label key such as grafana_dashboard, or a label selector such as "app=grafana,tier in (a,b)"',
      'METHOD="WACH": is not accepted; accepts WATCH, LIST or SLEEP; did you mean WATCH?',
      'FOLDER: is required and not set; accepts an absolute path, such as /etc/dashboards',
    ]);
  });
});

/** A kubeconfig for an API server that isn't there. */
async function brokenKubeconfig(): Promise<string> {
  const path = join(folder.path, 'broken.kubeconfig');
  const text = (await cluster.kubectlOutput(['config', 'view', '--raw'])).replace(
    /server: .*/,
    'server: https://127.0.0.1:1',
  );
  await writeFile(path, text, { mode: 0o600 });
  return path;
}
