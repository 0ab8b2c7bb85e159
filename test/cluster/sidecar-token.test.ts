import { describe, expect, jest } from '@jest/globals';
import { eventually } from '../eventually.ts';
import { expectEventually } from '../product/expect-eventually.ts';
import { expectFiles } from '../product/expect-files.ts';
import { leaksOf } from '../product/leaks.ts';
import { logEntries, messages } from '../product/log-entries.ts';
import { preparePodSidecar, type PodSidecar, type StartOptions } from '../product/pod-sidecar.ts';
import { scrape, sumOf } from '../product/scrape.ts';
import type { RunningSidecar } from '../product/sidecar-program.ts';
import { configMap } from '../product/test-objects.ts';
import { cluster, folder, inPod, running, unlessInPod, useCluster } from './use-cluster.ts';
import { proxy, useProxy } from './use-proxy.ts';
import { receiver, useReceiver } from './use-receiver.ts';

useCluster();
useProxy();
useReceiver();

// The API server believes a token for 10 s more; then come the pauses of the sidecar, seconds each.
jest.setTimeout(90_000);

const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount/token';

// Where nothing is about how long pauses are.
const impatient = { ERROR_THROTTLE_SLEEP: '100ms' };

function prepare(): Promise<PodSidecar> {
  return preparePodSidecar(cluster, { folder: folder.path, port: proxy.port });
}

async function start(
  pod: PodSidecar,
  env: Readonly<Record<string, string>>,
  how: StartOptions = {},
): Promise<RunningSidecar> {
  const program = await pod.start({ LOG_LEVEL: 'DEBUG', ...env }, how);
  running.push(program);
  return program;
}

function apply({ namespace }: PodSidecar, contents: Readonly<Record<string, string>>): Promise<void> {
  const labels = { dashboard: '1' };
  const objects = Object.entries(contents).map(([name, text]) => configMap({ name, labels, data: { [name]: text } }));
  return cluster.apply(objects, namespace);
}

function newToken({ namespace }: PodSidecar): Promise<string> {
  return cluster.serviceAccountToken(namespace, 'reader');
}

/** A token that lives as long as a Secret does: the API server revokes no other from one moment to the next. */
async function boundToken({ namespace }: PodSidecar): Promise<string> {
  const secret = ['secret', 'generic', 'binding', '--namespace', namespace, '--output', 'jsonpath={.metadata.uid}'];
  const uid = await cluster.kubectlOutput(['create', ...secret]);
  const bound = ['--bound-object-kind', 'Secret', '--bound-object-name', 'binding', '--bound-object-uid', uid];
  return (await cluster.kubectlOutput(['create', 'token', 'reader', '--namespace', namespace, ...bound])).trim();
}

/** Ends a bound token; resolves once the API server refuses it. */
async function revoke({ namespace }: PodSidecar, token: string): Promise<void> {
  await cluster.kubectlOutput(['delete', 'secret', 'binding', '--namespace', namespace]);
  // The API server remembers for 10 s that a token was good.
  await eventually(async () => !(await isAccepted(token)), { timeoutMs: 30_000, intervalMs: 500 });
}

async function isAccepted(token: string): Promise<boolean> {
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } };
  const input = JSON.stringify(review);
  const answer = await cluster.kubectlOutput(['create', '--filename', '-', '--output', 'json'], { input });
  return (JSON.parse(answer) as { status: { authenticated?: boolean } }).status.authenticated === true;
}

/** Why the API server lets nobody in, in the sidecar's words. */
function refusal({ namespace }: PodSidecar, verb: string): string {
  return `cannot ${verb} configmaps in namespace "${namespace}": unauthorized (401): the API server does not accept the token in ${tokenPath}`;
}

/** What the body of a health endpoint adds while a collection is stale. */
function staleNote({ namespace }: PodSidecar, reason: string): string {
  return `configmaps with "dashboard" in namespace "${namespace}": stale since THEN: ${reason}`;
}

/** The answer of a health endpoint, with THEN for the time. */
async function health(program: RunningSidecar, path: string): Promise<{ status: number; body: string }> {
  const { status, body } = await program.health(path);
  return { status, body: body.replace(/(?<=stale since )\d{4}-\d\d-\d\dT[\d:.]+Z/, 'THEN') };
}

async function failures(program: RunningSidecar, reason: string): Promise<number> {
  const samples = [...(await scrape(program))].filter(([key]) => key.includes(`reason="${reason}"`));
  return sumOf(new Map(samples), 'sync_sidecar_api_failures_total');
}

describe(`a sidecar in a pod${unlessInPod}`, () => {
  inPod('whose token dies says so, leaves files and application alone, and goes on with the next token', async () => {
    const pod = await prepare();
    const [dead, next] = [await boundToken(pod), await newToken(pod)];
    pod.putToken(dead);
    await apply(pod, { stays: 'stays', changes: 'old' });
    const program = await start(pod, { REQ_URL: receiver.url });
    await expectEventually(() => receiver.notifications.length, 1);
    await revoke(pod, dead);
    // An open watch outlives its token; only the next request is refused.
    expect(await program.health('/readyz')).toEqual({ status: 200, body: 'OK' });

    const cutAt = performance.now();
    proxy.cut();
    await apply(pod, { changes: 'new' });
    await eventually(async () => (await failures(program, 'unauthorized')) >= 3, { timeoutMs: 30_000, intervalMs: 20 });

    // The pauses were 0.8, 1.6 and 3.2 s, of which chance takes off up to half.
    expect(performance.now() - cutAt).toBeGreaterThan(2800);
    const stale = staleNote(pod, refusal(pod, 'watch'));
    for (const path of ['/startupz', '/readyz', '/livez']) {
      expect(await health(program, path)).toEqual({ status: 200, body: `OK\n${stale}` });
    }
    const errors = logEntries(program).filter(({ level }) => level === 'ERROR');
    // Once each, however often it was tried.
    expect(errors.map(({ msg, err }) => [msg, err?.message])).toEqual([
      ['API server: trying again', expect.stringContaining('connection to ')],
      ['API server: trying again', refusal(pod, 'watch')],
    ]);
    await expectFiles(pod.files, { stays: 'stays', changes: 'old' });
    expect(receiver.notifications.length).toBe(1);
    const said = [(await program.health('/readyz')).body, (await program.health('/metrics')).body];

    pod.putToken(next);
    // The fourth pause is 6.4 s at most.
    await expectFiles(pod.files, { stays: 'stays', changes: 'new' }, 15_000);

    await expectEventually(() => program.health('/readyz'), { status: 200, body: 'OK' });
    await expectEventually(() => receiver.notifications.length, 2);
    expect(sumOf(await scrape(program), 'sync_sidecar_relists_total')).toBe(0);
    expect(messages(program).filter((message) => message === 'API server: in contact again')).toHaveLength(1);
    said.push(program.log(), pod.terminationMessage());
    expect([dead, next].flatMap((token) => leaksOf(token, said.join('\n')))).toEqual([]);
  });

  inPod.each(['WATCH', 'SLEEP'])(
    'whose first token is dead says why it is not ready, and is soon after the next one (METHOD=%s)',
    async (METHOD) => {
      const pod = await prepare();
      const dead = await boundToken(pod);
      await revoke(pod, dead);
      pod.putToken(dead);
      await apply(pod, { a: 'a' });
      const program = await start(pod, { ...impatient, METHOD }, { wait: false });

      const reason = `sync: ${refusal(pod, 'list')}`;
      const body = `${reason}\n${staleNote(pod, refusal(pod, 'list'))}`;
      await expectEventually(() => health(program, '/startupz'), { status: 503, body });
      expect(await health(program, '/readyz')).toEqual({ status: 503, body });
      expect((await program.health('/livez')).status).toBe(200);
      await expectEventually(() => pod.terminationMessage(), reason);
      pod.putToken(await newToken(pod));

      await expectFiles(pod.files, { a: 'a' });
      await expectEventually(() => program.health('/readyz'), { status: 200, body: 'OK' });
      await expectEventually(() => pod.terminationMessage(), '');
    },
  );

  inPod('whose token is missing says so, and needs no list once it is there again', async () => {
    const pod = await prepare();
    await apply(pod, { a: '1' });
    const program = await start(pod, impatient);
    const token = await newToken(pod);
    pod.putToken();
    proxy.cut();
    await eventually(async () => (await failures(program, 'access')) > 0, { timeoutMs: 10_000 });
    const { status, body } = await program.health('/readyz');
    expect([status, body]).toEqual([200, expect.stringContaining(`: cannot read ${tokenPath}: a pod needs`)]);
    await apply(pod, { a: '2' });
    await expectFiles(pod.files, { a: '1' });
    pod.putToken(token);

    await expectFiles(pod.files, { a: '2' });
    expect(sumOf(await scrape(program), 'sync_sidecar_relists_total')).toBe(0);
  });
});
