import { describe, expect, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { readTree } from '../product/folder-tree.ts';
import { leaksOf } from '../product/leaks.ts';
import { logEntries, messages } from '../product/log-entries.ts';
import { preparePodSidecar, setReadOnly, type PodSidecar } from '../product/pod-sidecar.ts';
import { scrape, sumOf } from '../product/scrape.ts';
import type { RunningSidecar } from '../product/sidecar-program.ts';
import { configMap, secret } from '../product/test-objects.ts';
import { cluster, folder, inPod, unlessInPod, useCluster } from './use-cluster.ts';
import { proxy, useProxy } from './use-proxy.ts';
import { receiver, useReceiver } from './use-receiver.ts';

useCluster();
useProxy();
useReceiver();

jest.setTimeout(60_000);

const labels = { dashboard: '1' };

/** Every secret that was put anywhere, by where it was put. */
const planted = new Map<string, string>();

function plant(where: string, text = `plant ${randomBytes(9).toString('hex')}/+"=?&é`): string {
  planted.set(where, text);
  return text;
}

/** A URL of the receiver with a secret in each part that may have one. */
function secretUrl(where: string): string {
  const [password, path, query] = ['password', 'path', 'query'].map((part) =>
    encodeURIComponent(plant(`${part} of ${where}`)),
  );
  const url = new URL(receiver.url);
  return `http://someone:${password}@${url.host}/${path}?key=${query}`;
}

/** All that the program has said so far, wherever. */
const said: string[] = [];

async function listen(program: RunningSidecar, pod: PodSidecar): Promise<void> {
  const paths = ['/startupz', '/readyz', '/livez', '/healthz', '/metrics'];
  const answers = await Promise.all(paths.map((path) => program.health(path)));
  said.push(...answers.map(({ body }) => body), pod.terminationMessage());
}

/** What of all that was planted is found in a text, and in which form. */
function found(text: string): string[] {
  return [...planted].flatMap(([where, value]) => leaksOf(value, text).map((form) => `${where}: ${form}`));
}

async function counted(program: RunningSidecar, name: string, part: string): Promise<true> {
  const limits = { timeoutMs: 20_000 };
  return eventually(async () => {
    const samples = [...(await scrape(program))].filter(([key]) => key.includes(part));
    return sumOf(new Map(samples), `sync_sidecar_${name}`) > 0;
  }, limits);
}

describe(`a sidecar that logs all it has to say${unlessInPod}`, () => {
  inPod('tells no secret, whatever fails', async () => {
    const pod = await preparePodSidecar(cluster, { folder: folder.path, port: proxy.port });
    const other = await cluster.createNamespace('forbidden');
    const { namespace } = pod;
    const base = join(folder.path, namespace);
    plant('token', await cluster.serviceAccountToken(namespace, 'reader'));
    pod.putToken(planted.get('token'));
    const objects = (turn: number): object[] => [
      configMap({
        name: 'config',
        labels,
        data: {
          plain: plant(`ConfigMap's data ${turn}`),
          'good.url': secretUrl(`the value of a .url key ${turn}`),
          'bad.url': `no URL: ${plant(`a value that is no URL ${turn}`)}`,
          'refused.url': `ftp://x:${encodeURIComponent(plant(`a URL that is refused ${turn}`))}@example.com/`,
        },
        binaryData: { binary: Buffer.from(plant(`ConfigMap's binaryData ${turn}`)).toString('base64') },
      }),
      secret({
        name: 'secret',
        labels,
        data: { hidden: plant(`Secret's data ${turn}`), plain: plant(`loser ${turn}`) },
      }),
      secret({
        name: 'outside',
        labels,
        annotations: { 'k8s-sidecar-target-directory': '../outside' },
        data: { outside: plant(`Secret that leaves FOLDER ${turn}`) },
      }),
    ];
    receiver.answer = 500;
    receiver.body = plant('body of an answer');
    const script = join(base, 'script.sh');
    writeFileSync(script, 'exit 1');
    const passwordFile = join(base, 'password');
    writeFileSync(passwordFile, plant('REQ_PASSWORD_FILE'));
    await cluster.apply(objects(1), namespace);
    const program = await pod.start({
      LOG_LEVEL: 'DEBUG',
      RESOURCE: 'both',
      NAMESPACE: `${namespace},${other}`,
      READY_PARTIAL: 'true',
      ERROR_THROTTLE_SLEEP: '100ms',
      SCRIPT: script,
      REQ_URL: secretUrl('REQ_URL'),
      REQ_METHOD: 'POST',
      REQ_PAYLOAD: plant('REQ_PAYLOAD'),
      REQ_USERNAME: 'someone',
      REQ_PASSWORD: plant('REQ_PASSWORD'),
      REQ_PASSWORD_FILE: passwordFile,
      REQ_RETRY_TOTAL: '1',
      REQ_RETRY_BACKOFF_FACTOR: '0.1',
      REQ_TIMEOUT: '500ms',
      NOTIFY_SLOW_RETRY: '100ms',
      NOTIFY_QUIET: '0',
      URL_USERNAME: 'someone',
      URL_PASSWORD: plant('URL_PASSWORD'),
      URL_REFRESH_INTERVAL: '200ms',
    });
    try {
      await counted(program, 'notifications_total', 'channel="REQ_URL",outcome="failure"');
      await counted(program, 'notifications_total', 'channel="SCRIPT",outcome="failure"');
      await counted(program, 'downloads_total', 'outcome="failure"');
      await counted(program, 'forbidden', other);
      await listen(program, pod);

      receiver.answer = 302;
      receiver.location = secretUrl('a redirect');
      setReadOnly(program, pod.files, true);
      await cluster.apply(objects(2), namespace);
      await counted(program, 'faults', '');
      await listen(program, pod);
      setReadOnly(program, pod.files, false);
      receiver.answer = 'none';
      pod.putToken(plant('a token that nobody knows', randomBytes(30).toString('base64url')));
      proxy.cut();
      await counted(program, 'api_failures_total', 'reason="unauthorized"');
      await listen(program, pod);
      pod.putToken();
      proxy.cut();
      await counted(program, 'api_failures_total', 'reason="access"');
      proxy.cutAfter(100, 'rubbish');
      pod.putToken(planted.get('token'));

      receiver.answer = 200;
      receiver.location = '';
      await cluster.apply(objects(3), namespace);
      await counted(program, 'downloads_total', 'outcome="changed"');
      await counted(program, 'notifications_total', 'channel="REQ_URL",outcome="success"');
      const expected = [...planted].filter(
        ([where]) => /^(ConfigMap's|Secret's|body)/.test(where) && /3$|body/.test(where),
      );
      const isThere = (): boolean =>
        expected.every(([, value]) =>
          Object.values(readTree(pod.files)).some((content) => Buffer.from(content, 'latin1').toString() === value),
        );
      await eventually(isThere, { timeoutMs: 30_000 });
      await listen(program, pod);
      await cluster.kubectlOutput(['delete', 'configmap,secret', '--selector', 'dashboard', '--namespace', namespace]);
      await eventually(() => messages(program).some((message) => message.startsWith('Removing')), {
        timeoutMs: 20_000,
      });
    } finally {
      await program.stop();
    }
    said.push(program.log(), pod.terminationMessage());

    expect(found(said.join('\n'))).toEqual([]);
    // It has said much: of each level, and of each failure once.
    expect(new Set(logEntries(program).map(({ level }) => level))).toEqual(
      new Set(['DEBUG', 'INFO', 'WARNING', 'ERROR']),
    );
    for (const part of [
      'Writing',
      'Removing',
      'not synced',
      'Max retries exceeded',
      'EROFS',
      'unauthorized',
      'forbidden',
    ]) {
      expect(program.log()).toContain(part);
    }
    // The search does find what is there.
    expect(found(receiver.notifications.map(({ body }) => body).join())).toContain('REQ_PAYLOAD: JSON');
  });

  inPod('tells nothing of a kubeconfig, be it good, broken or refused', async () => {
    const pod = await preparePodSidecar(cluster, { folder: folder.path });
    const token = plant('token of a kubeconfig', await cluster.serviceAccountToken(pod.namespace, 'reader'));
    const good = kubeconfig(token);
    const texts = {
      good: JSON.stringify(good),
      refused: JSON.stringify(kubeconfig(plant('a refused token of a kubeconfig', randomBytes(30).toString('hex')))),
      broken: `users: [{name: u, user: {token: "${plant('token of a broken kubeconfig', randomBytes(30).toString('hex'))}`,
      keyless: JSON.stringify({
        ...good,
        users: [
          { name: 'u', user: { 'client-key-data': Buffer.from(plant('a key that is none')).toString('base64') } },
        ],
      }),
    };
    const programs = await Promise.all(
      Object.entries(texts).map(async ([name, text]) => {
        const path = join(folder.path, pod.namespace, name);
        writeFileSync(path, text);
        const env = {
          LOG_LEVEL: 'DEBUG',
          KUBECONFIG: path,
          NAMESPACE: pod.namespace,
          METHOD: 'LIST',
          HEALTH_PORT: '0',
        };
        // What can't be listed is tried for half a minute; long enough to say why is long enough here.
        return { name, program: await pod.start(env, { wait: false }) };
      }),
    );
    try {
      await eventually(
        () => programs.every(({ name, program }) => name === 'good' || /ERROR|CRITICAL/.test(program.log())),
        { timeoutMs: 20_000 },
      );
      expect(await programs[0]?.program.exited).toEqual({ code: 0, signal: null });
    } finally {
      await Promise.all(programs.map(({ program }) => program.kill()));
    }

    expect(found(programs.map(({ program }) => program.log()).join('\n'))).toEqual([]);
  });
});

function kubeconfig(token: string): Record<string, unknown> {
  const ca = Buffer.from(cluster.ca).toString('base64');
  return {
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: cluster.server, 'certificate-authority-data': ca } }],
    users: [{ name: 'u', user: { token } }],
  };
}
