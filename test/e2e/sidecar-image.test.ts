import { beforeAll, describe, expect, it } from '@jest/globals';
import { sidecarImage } from '../node/images.ts';
import { expectEventually } from '../product/expect-eventually.ts';
import { logEntries, type LogEntry } from '../product/log-entries.ts';
import { configMap, reader } from '../product/test-objects.ts';
import type { PodRef } from '../product/running-pod.ts';
import { deletePod, exec, logs, pod, restricted, untilReady } from './pods.ts';
import { node, useNode } from './use-node.ts';

useNode();

/** Leaves behind a process that ends when nobody waits for it any more. */
const script = `
cp "$SYNC_CHANGES_FILE" /sync/changes
echo "$SYNC_NAME" >/sync/name
sleep 0.3 &
echo $! >/sync/orphan
`;

const env = {
  LABEL: 'dashboard',
  FOLDER: '/sync/files',
  SCRIPT: '/scripts/notify.sh',
  // 05:45 ahead of UTC all year, which no machine is by chance.
  TZ: 'Asia/Kathmandu',
};
const sidecar = {
  name: 'sidecar',
  image: sidecarImage,
  env: Object.entries(env).map(([name, value]) => ({ name, value })),
  readinessProbe: { httpGet: { path: '/readyz', port: 8080 }, periodSeconds: 1 },
  securityContext: restricted,
  volumeMounts: [
    { name: 'sync', mountPath: '/sync' },
    { name: 'scripts', mountPath: '/scripts' },
  ],
};
const spec = {
  // As OpenShift chooses them: a user that no image knows, of the group 0.
  securityContext: { runAsUser: 1000650000, runAsGroup: 0 },
  volumes: [
    { name: 'sync', emptyDir: {} },
    { name: 'scripts', configMap: { name: 'scripts' } },
  ],
  // Longer than the sidecar needs by far.
  terminationGracePeriodSeconds: 10,
};

describe("the sidecar's image, with a read-only root and a user that it does not know,", () => {
  let ref: PodRef;

  beforeAll(async () => {
    const namespace = await node.createNamespace('image', { 'pod-security.kubernetes.io/enforce': 'restricted' });
    ref = { namespace, name: 'sidecar' };
    const hello = configMap({ name: 'hello', labels: { dashboard: '1' }, data: { 'hello.json': 'hello' } });
    await node.apply(
      [
        ...reader(),
        hello,
        configMap({ name: 'scripts', data: { 'notify.sh': script } }),
        pod(ref, { containers: [sidecar], spec }),
      ],
      namespace,
    );
    await untilReady(ref);
  }, 90_000);

  it('writes files as that user', async () => {
    expect(await inside('cd /sync/files && stat -c "%u:%g %a %n" * && cat *')).toBe(
      '1000650000:0 644 hello.json\nhello',
    );
  });

  it('runs SCRIPT by its shell, which is told what has changed', async () => {
    await expectEventually(() => inside('cat /sync/name'), 'sync\n');
    expect(JSON.parse(await inside('cat /sync/changes'))).toEqual({
      sync: 'sync',
      complete: true,
      written: ['/sync/files/hello.json'],
      removed: [],
      objects: [`configmap/${ref.namespace}/hello`],
    });
  });

  it('reaps what a SCRIPT has left behind', async () => {
    const gone = 'read -r orphan </sync/orphan && [ ! -e /proc/$orphan ] && echo gone';
    await expectEventually(() => inside(`{ ${gone}; } || ps`), 'gone\n');

    expect(await inside('cat /proc/1/comm; grep -l "^State:.Z" /proc/[0-9]*/status | wc -l')).toBe('tini\n0\n');
  });

  it('logs in the time zone of TZ, or in UTC', async () => {
    const offsets = (log: readonly LogEntry[]): unknown[] => [
      ...new Set(log.map(({ time }) => String(time).slice(-6))),
    ];

    expect(offsets(entries(await logs(ref, 'sidecar')))).toEqual(['+05:45']);
    expect(offsets(await list('LOG_TZ=UTC'))).toEqual(['+00:00']);
  });

  it("trusts Node's certificates, which are in no file, or those of REQUESTS_CA_BUNDLE", async () => {
    const subjects = 'tls.getCACertificates().map((pem) => new crypto.X509Certificate(pem).subject)';
    expect(await inside(`node -p '${subjects}.some((name) => name.includes("ISRG Root X1"))'`)).toBe('true\n');

    const request = 'REQ_URL=https://$KUBERNETES_SERVICE_HOST/version REQ_RETRY_TOTAL=0';
    const bundle = 'REQUESTS_CA_BUNDLE=/var/run/secrets/kubernetes.io/serviceaccount/ca.crt';
    const outcomes = (log: readonly LogEntry[]): string[] =>
      log.filter(({ channel }) => channel === 'REQ_URL').map(({ msg, err }) => err?.message ?? msg);
    expect(outcomes(await list(request))).toEqual([
      'GET https://10.96.0.1/*** failed: unable to verify the first certificate',
    ]);
    expect(outcomes(await list(`${request} ${bundle}`))).toEqual(['application notified']);
  });

  it('ends by itself, without an error, when the pod is deleted', async () => {
    expect(await deletePod(ref)).toMatchObject([
      { name: 'sidecar', state: { terminated: { exitCode: 0, reason: 'Completed' } } },
    ]);
  });

  function inside(command: string): Promise<string> {
    return exec(ref, command, 'sidecar');
  }

  /** The log of another sidecar in that container, which ends after its first sync. */
  async function list(variables: string): Promise<LogEntry[]> {
    const more = `SCRIPT= METHOD=LIST HEALTH_PORT=0 FOLDER=$(mktemp -d -p /sync) ${variables}`;
    return entries(await inside(`${more} node /app/sidecar.cjs 2>&1`));
  }
});

function entries(log: string): LogEntry[] {
  return logEntries({ log: () => log });
}
