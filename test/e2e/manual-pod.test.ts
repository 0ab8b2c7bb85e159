import { beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { busyboxImage, sidecarImage } from '../node/images.ts';
import { expectEventually } from '../product/expect-eventually.ts';
import { dashboardsEnvironment, datasourcesInitEnvironment } from '../product/grafana-chart.ts';
import { containerStatus, type PodRef } from '../product/running-pod.ts';
import { clusterReader, configMap, reader, secret } from '../product/test-objects.ts';
import { application, exec, getPod, logs, podOf, pod, untilEnded, untilReady } from './pods.ts';
import { node, useNode } from './use-node.ts';

useNode();

/** Listens where Grafana does, logs what it is asked and as whom, and answers that it is well. */
const grafana = [
  ...['/tini', '--', 'nc', '-ll', '-p', '3000', '-e', 'sh', '-c'],
  [
    'IFS= read -r request',
    'while IFS= read -r header && [ "${header%?}" ]; do',
    '  case $header in [Aa]uthorization:*) login=${header#*: } ;; esac',
    'done',
    'echo "${request% *} ${login%?}" >&2',
    'printf "HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n"',
  ].join('\n'),
];
const reload = 'POST /api/admin/provisioning/dashboards/reload';

function basic(login: string): string {
  return `Basic ${Buffer.from(login).toString('base64')}`;
}

/** What the Grafana chart says of its pods. */
const podSpec = {
  securityContext: { runAsNonRoot: true, runAsUser: 472, runAsGroup: 472, fsGroup: 472 },
  volumes: [{ name: 'sc-volume', emptyDir: {} }],
};

function sharedFolder(mountPath: string): object {
  return { volumeMounts: [{ name: 'sc-volume', mountPath }] };
}

/** A container as that chart has it, but for its image. */
function sidecar(name: string, variables: Readonly<Record<string, string>> & { FOLDER: string }): object {
  return {
    name,
    image: sidecarImage,
    env: Object.entries(variables).map(([name, value]) => ({ name, value })),
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
    ...sharedFolder(variables.FOLDER),
  };
}

describe("with our image in place of kiwigrid's, the Grafana chart's container", () => {
  it('for dashboards syncs all namespaces beside Grafana, asks it for reloads, and is healthy', async () => {
    const ref = { namespace: await node.createNamespace('manual'), name: 'grafana' };
    const team = await node.createNamespace('team');
    const labels = { grafana_dashboard: '1' };
    const overview = (data: string): object => configMap({ name: 'overview', labels, data: { 'overview.json': data } });
    await node.apply([...reader(), overview('first')], ref.namespace);
    await node.apply(clusterReader(ref.namespace));
    const annotations = { grafana_folder: 'Team A' };
    await node.apply([secret({ name: 'a', labels, annotations, data: { 'team.json': 'of a team' } })], team);
    const FOLDER = '/tmp/dashboards';
    const healthz = { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 1 };
    const containers = [
      { ...application({ script: '', uid: 472 }), command: grafana, ...sharedFolder(FOLDER) },
      {
        ...sidecar('grafana-sc-dashboard', { ...dashboardsEnvironment('http://localhost:3000'), FOLDER }),
        ...{ readinessProbe: healthz, livenessProbe: healthz },
      },
    ];
    await node.apply([pod(ref, { containers, spec: podSpec })]);

    await untilReady(ref);
    const read = (): Promise<string> => exec(ref, `cd ${FOLDER} && tail overview.json 'Team A/team.json'`);
    expect(await read()).toBe('==> overview.json <==\nfirst\n==> Team A/team.json <==\nof a team');
    const asked = `${reload} ${basic('admin:prom-operator')}\n`;
    await expectEventually(() => logs(ref), asked);
    await node.apply([overview('second')], ref.namespace);
    await expectEventually(() => logs(ref), asked + asked);
    expect(await read()).toBe('==> overview.json <==\nsecond\n==> Team A/team.json <==\nof a team');
    const status = { ready: true, restartCount: 0 };
    expect((await getPod(ref)).status.containerStatuses).toMatchObject([
      { name: 'app', ...status },
      { name: 'grafana-sc-dashboard', ...status },
    ]);
  }, 90_000);

  it('for data sources is an init container that ends once Grafana has them all', async () => {
    const ref = { namespace: await node.createNamespace('manual'), name: 'grafana' };
    const data = { 'loki.yaml': 'apiVersion: 1' };
    await node.apply([...reader(), secret({ name: 'loki', labels: { grafana_datasource: '1' }, data })], ref.namespace);
    const FOLDER = '/etc/grafana/provisioning/datasources';
    const init = sidecar('grafana-init-sc-datasources', { ...datasourcesInitEnvironment, FOLDER });
    const containers = [{ ...application({ script: `cat ${FOLDER}/*`, uid: 472 }), ...sharedFolder(FOLDER) }];
    await node.apply([pod(ref, { containers, spec: { ...podSpec, initContainers: [init], restartPolicy: 'Never' } })]);

    const ended = await untilEnded(ref);

    expect(await logs(ref)).toBe('apiVersion: 1');
    expect(containerStatus(ended, 'grafana-init-sc-datasources')).toMatchObject({
      restartCount: 0,
      state: { terminated: { exitCode: 0, reason: 'Completed' } },
    });
  }, 90_000);
});

describe('the example manual-sidecar.yaml', () => {
  let ref: PodRef;

  beforeAll(async () => {
    const namespace = await node.createNamespace('example', { 'pod-security.kubernetes.io/enforce': 'restricted' });
    const login = { user: 'admin', password: 'secret' };
    await node.apply([secret({ name: 'grafana-admin', data: login })], namespace);
    await node.apply(await exampleOnThisNode(), namespace);
    await node.kubectlOutput(['rollout', 'status', 'deployment/grafana', '--namespace', namespace, '--timeout=60s']);
    ref = await podOf(namespace, 'app=grafana');
  }, 90_000);

  it('becomes ready by the probes of its native sidecar, and Grafana sees nothing but the dashboards', async () => {
    const running = await getPod(ref);

    expect(running.status.initContainerStatuses).toMatchObject([
      { name: 'dashboards', started: true, ready: true, restartCount: 0 },
    ]);
    expect(await exec(ref, 'ls -A /var/lib/grafana/dashboards', 'grafana')).toBe('hello.json\n');
    expect(await logs(ref, 'grafana')).toBe('');
  });

  it('tells Grafana of changes as the administrator of the Secret', async () => {
    const hello = (text: string): object =>
      configMap({ name: 'hello-dashboard', labels: { grafana_dashboard: '1' }, data: { 'hello.json': text } });

    await node.apply([hello('changed')], ref.namespace);

    await expectEventually(() => logs(ref, 'grafana'), `${reload} ${basic('admin:secret')}\n`);
    expect(await exec(ref, 'cat /var/lib/grafana/dashboards/hello.json', 'grafana')).toBe('changed');
  });
});

/** With images that this node has, the sidecar's and one in place of Grafana. */
async function exampleOnThisNode(): Promise<string> {
  const file = join(import.meta.dirname, '../../manifests/examples/manual-sidecar.yaml');
  const text = await readFile(file, 'utf8');
  return text
    .replace(/image: sync-sidecar:.*/, `image: ${sidecarImage}`)
    .replace(
      /^( *)image: grafana\/grafana:.*/m,
      (_line, indent: string) => `${indent}image: ${busyboxImage}\n${indent}command: ${JSON.stringify(grafana)}`,
    );
}
