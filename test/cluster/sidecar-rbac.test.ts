import { describe, expect } from '@jest/globals';
import { expectEventually } from '../product/expect-eventually.ts';
import { expectFiles } from '../product/expect-files.ts';
import { logEntries, messages } from '../product/log-entries.ts';
import { preparePodSidecar, type PodSidecar } from '../product/pod-sidecar.ts';
import { scrape } from '../product/scrape.ts';
import type { RunningSidecar } from '../product/sidecar-program.ts';
import { configMap, reader, secret } from '../product/test-objects.ts';
import { cluster, folder, inPod, running, unlessInPod, useCluster } from './use-cluster.ts';

useCluster();

const labels = { dashboard: '1' };

// Permissions are looked at when a request begins; nothing here is about how long pauses are.
const impatient = { ERROR_THROTTLE_SLEEP: '100ms', WATCH_SERVER_TIMEOUT: '1s' };

/** The ServiceAccount with a Role of one rule. */
function may(rule: { resources: string[]; verbs: string[]; resourceNames?: string[] }): object[] {
  return reader().map((object) => ('rules' in object ? { ...object, rules: [{ apiGroups: [''], ...rule }] } : object));
}

async function start(pod: PodSidecar, env: Record<string, string>): Promise<RunningSidecar> {
  const program = await pod.start({ ...impatient, ...env }, { wait: false });
  running.push(program);
  return program;
}

function applyTo(namespace: string, ...objects: object[]): Promise<void> {
  return cluster.apply(objects, namespace);
}

/** Lets the ServiceAccount of `pod` read all of another namespace. */
async function letInto(namespace: string, pod: PodSidecar): Promise<void> {
  const subjects = [{ kind: 'ServiceAccount', name: 'reader', namespace: pod.namespace }];
  await applyTo(namespace, ...reader().map((object) => ('subjects' in object ? { ...object, subjects } : object)));
}

/** What is refused, by `/metrics`. */
async function refusals(program: RunningSidecar): Promise<string[]> {
  const keys = [...(await scrape(program)).keys()].filter((key) => key.startsWith('sync_sidecar_forbidden{'));
  return keys.map((key) => /verb="([^"]*)",resource="(.*)"}$/.exec(key)?.slice(1).join(' ') ?? key).sort();
}

/** The log's lines about what is refused. */
function refusalLines(program: RunningSidecar): string[] {
  const errors = logEntries(program).filter(({ msg }) => msg === 'API server: trying again');
  return errors.map(({ err }) => err?.message.replace(/ \(403\): .*/, '') ?? '').sort();
}

describe(`a sidecar whose RBAC is not enough${unlessInPod}`, () => {
  inPod(
    'syncs the rest, says everywhere what is refused, once in the log, and goes on when it is granted',
    async () => {
      const pod = await preparePodSidecar(cluster, { folder: folder.path, access: reader(['configmaps']) });
      const other = await cluster.createNamespace('other');
      const { namespace } = pod;
      await applyTo(namespace, configMap({ name: 'a', labels, data: { a: 'a' } }));
      await applyTo(namespace, secret({ name: 'b', labels, data: { b: 'b' } }));
      await applyTo(other, configMap({ name: 'c', labels, data: { c: 'c' } }));
      const refused = [
        ...[namespace, other].map((name) => `list secrets in namespace \\"${name}\\"`),
        `list configmaps in namespace \\"${other}\\"`,
      ].sort();
      const reasons = refused.map((what) => `cannot ${what.replaceAll('\\', '')}: forbidden`);

      const program = await start(pod, { NAMESPACE: `${namespace},${other}`, RESOURCE: 'both' });
      await expectFiles(pod.files, { a: 'a' });
      await expectEventually(() => refusals(program), refused);
      await expectEventually(
        () => pod.terminationMessage(),
        expect.stringMatching(/^sync: cannot list .* in namespace ".*\(and 2 more\)$/),
      );
      await applyTo(namespace, configMap({ name: 'a', labels, data: { a: 'changed' } }));
      await expectFiles(pod.files, { a: 'changed' });
      const waiting = await program.health('/startupz');
      expect(waiting.status).toBe(503);
      for (const reason of reasons) expect(waiting.body).toContain(reason);

      await letInto(other, pod);
      await expectEventually(() => refusals(program), [refused.find((what) => what.includes(namespace))]);
      await applyTo(namespace, ...reader());
      await expectFiles(pod.files, { a: 'changed', b: 'b', c: 'c' });
      await expectEventually(async () => (await program.health('/startupz')).status, 200);
      await expectEventually(() => [pod.terminationMessage()], ['']);
      expect(await refusals(program)).toEqual([]);
      // Some dozens of tries, and one line each.
      await expectEventually(() => refusalLines(program), reasons);
    },
  );

  inPod('stays ready when RBAC is withdrawn, says what is refused, and catches up when it is back', async () => {
    const pod = await preparePodSidecar(cluster, { folder: folder.path });
    const { namespace } = pod;
    const config = (content: string): object => configMap({ name: 'a', labels, data: { a: content } });
    await applyTo(namespace, config('a'), secret({ name: 'b', labels, data: { b: 'b' } }));
    const program = await start(pod, { RESOURCE: 'both' });
    await expectFiles(pod.files, { a: 'a', b: 'b' });
    const reason = `cannot watch secrets in namespace "${namespace}": forbidden`;

    await applyTo(namespace, ...reader(['configmaps']));
    await expectEventually(() => refusals(program), [`watch secrets in namespace \\"${namespace}\\"`]);
    await applyTo(namespace, config('changed'));
    await cluster.kubectlOutput(['delete', 'secret', 'b', '--namespace', namespace]);
    await expectFiles(pod.files, { a: 'changed', b: 'b' });
    await expectEventually(() => pod.terminationMessage(), reason);
    const { status, body } = await program.health('/startupz');
    expect([status, body]).toEqual([200, expect.stringContaining(reason)]);

    await cluster.kubectlOutput(['delete', 'rolebinding', 'reader', '--namespace', namespace]);
    await expectEventually(async () => (await refusals(program)).length, 2);
    await applyTo(namespace, ...reader());
    await expectFiles(pod.files, { a: 'changed' });
    await expectEventually(() => refusals(program), []);
    await expectEventually(() => pod.terminationMessage(), '');
    await expectEventually(() => refusalLines(program), [reason.replace('secrets', 'configmaps'), reason]);
    expect(messages(program).filter((message) => message.startsWith('relist'))).toEqual([]);
  });

  inPod('counts as ready with READY_PARTIAL, and says what is refused all the same', async () => {
    const pod = await preparePodSidecar(cluster, { folder: folder.path, access: reader(['configmaps']) });
    await applyTo(pod.namespace, configMap({ name: 'a', labels, data: { a: 'a' } }));
    const refused = `secrets in namespace \\"${pod.namespace}\\"`;

    const program = await start(pod, { RESOURCE: 'both', READY_PARTIAL: 'true' });
    await expectEventually(async () => (await program.health('/startupz')).status, 200);

    expect((await program.health('/readyz')).status).toBe(200);
    await expectFiles(pod.files, { a: 'a' });
    expect(await refusals(program)).toEqual([`list ${refused}`]);
    const reason = `cannot list secrets in namespace "${pod.namespace}": forbidden`;
    expect((await program.health('/startupz')).body).toContain(reason);
    await expectEventually(() => pod.terminationMessage(), reason);
  });

  inPod('learns of what was deleted between its list and its watch, which was forbidden until then', async () => {
    const access = may({ resources: ['configmaps'], verbs: ['get', 'list'] });
    const pod = await preparePodSidecar(cluster, { folder: folder.path, access });
    const { namespace } = pod;
    await applyTo(namespace, ...['stays', 'goes'].map((name) => configMap({ name, labels, data: { [name]: name } })));
    const program = await start(pod, {});
    await expectFiles(pod.files, { stays: 'stays', goes: 'goes' });
    await expectEventually(() => refusals(program), [`watch configmaps in namespace \\"${namespace}\\"`]);

    await cluster.kubectlOutput(['delete', 'configmap', 'goes', '--namespace', namespace]);
    await applyTo(namespace, ...reader());

    await expectFiles(pod.files, { stays: 'stays' });
    expect(messages(program).filter((message) => /^(relist|Writing)/.test(message))).toHaveLength(2);
  });

  inPod('that may only get one object by its name asks for it now and then, and says so once', async () => {
    const access = may({ resources: ['configmaps'], resourceNames: ['one'], verbs: ['get'] });
    const pod = await preparePodSidecar(cluster, { folder: folder.path, access });
    const { namespace } = pod;
    const named = (name: string, content: string): object => configMap({ name, data: { [name]: content } });
    await applyTo(namespace, named('one', '1'), named('another', '1'));

    const program = await start(pod, { RESOURCE_NAME: 'configmap/one', SLEEP_TIME: '100ms' });
    await expectFiles(pod.files, { one: '1' });
    await applyTo(namespace, named('one', '2'));
    await expectFiles(pod.files, { one: '2' });
    await cluster.kubectlOutput(['delete', 'configmap', 'one', '--namespace', namespace]);
    await expectFiles(pod.files, {});

    expect((await program.health('/readyz')).body).toBe('OK');
    const told = messages(program).filter((message) => message.includes('may not be watched'));
    expect(told).toEqual(['asking for the object now and then, as it may not be watched']);
    await expectEventually(() => refusalLines(program), []);
  });

  inPod('that may watch one object by its name is told of each change', async () => {
    const access = may({ resources: ['configmaps'], resourceNames: ['one'], verbs: ['get', 'list', 'watch'] });
    const pod = await preparePodSidecar(cluster, { folder: folder.path, access });
    await start(pod, { RESOURCE_NAME: 'one', SLEEP_TIME: '1h' });

    for (const content of ['1', '2']) {
      await applyTo(pod.namespace, configMap({ name: 'one', data: { one: content } }));
      await expectFiles(pod.files, { one: content });
    }
    await cluster.kubectlOutput(['delete', 'configmap', 'one', '--namespace', pod.namespace]);
    await expectFiles(pod.files, {});
  });
});
