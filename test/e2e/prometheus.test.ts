import { beforeAll, describe, it } from '@jest/globals';
import { prometheusImage } from '../node/images.ts';
import { expectEventually } from '../product/expect-eventually.ts';
import type { PodRef } from '../product/running-pod.ts';
import { configMap, reader } from '../product/test-objects.ts';
import { application, exec, pod, untilReady } from './pods.ts';
import { node, useNode } from './use-node.ts';

useNode();

const configuration = configMap({
  name: 'prometheus',
  data: { 'prometheus.yml': 'rule_files: [/etc/prometheus/rules/*.yaml]\n' },
});

function rules(expression: string): object {
  const data = {
    'load.yaml': `groups: [{ name: load, rules: [{ alert: HighLoad, expr: ${JSON.stringify(expression)} }] }]\n`,
  };
  return configMap({ name: 'load', labels: { prometheus_rule: '1' }, data });
}

const annotations = {
  'sync-sidecar.io/inject': 'true',
  'sync-sidecar.io/label': 'prometheus_rule',
  'sync-sidecar.io/folder': '/etc/prometheus/rules',
  'sync-sidecar.io/req-url': 'http://localhost:9090/-/reload',
  'sync-sidecar.io/req-method': 'POST',
  // Prometheus starts after the first sync and reads the rules by itself.
  'sync-sidecar.io/req-skip-init': 'true',
};

/** As the Prometheus chart runs it. */
const prometheus = {
  ...application({ script: '', uid: 65534 }),
  image: prometheusImage,
  command: [
    '/usr/bin/prometheus',
    '--config.file=/etc/config/prometheus.yml',
    '--storage.tsdb.path=/data',
    '--web.enable-lifecycle', // for /-/reload
  ],
  readinessProbe: { httpGet: { path: '/-/ready', port: 9090 }, periodSeconds: 1 },
  volumeMounts: [
    { name: 'config', mountPath: '/etc/config' },
    { name: 'data', mountPath: '/data' },
  ],
};
const volumes = [
  { name: 'config', configMap: { name: 'prometheus' } },
  { name: 'data', emptyDir: {} },
];

describe('Prometheus in an annotated pod', () => {
  let ref: PodRef;

  beforeAll(async () => {
    ref = { namespace: await node.createNamespace('prometheus'), name: 'prometheus' };
    await node.apply([...reader(), configuration, rules('node_load1 > 10')], ref.namespace);
    await node.apply([pod(ref, { annotations, containers: [prometheus], spec: { volumes } })]);
    await untilReady(ref);
  }, 90_000);

  it('has a labelled ConfigMap as a rule when it is ready', async () => {
    await expectRules([['load', 'HighLoad', 'node_load1 > 10']]);
  });

  it('has the changed rule after the sidecar has asked for a reload', async () => {
    await node.apply([rules('node_load1 > 20')], ref.namespace);

    await expectRules([['load', 'HighLoad', 'node_load1 > 20']]);
  });

  it('keeps its rules while it refuses the reload, and has the mended one', async () => {
    await node.apply([rules('node_load1 >')], ref.namespace);
    await expectLastReload('0');
    await expectRules([['load', 'HighLoad', 'node_load1 > 20']]);
    await node.apply([rules('node_load1 > 30')], ref.namespace);

    await expectRules([['load', 'HighLoad', 'node_load1 > 30']]);
    await expectLastReload('1');
  });

  it('has no rule any more when the ConfigMap is deleted', async () => {
    await node.kubectlOutput(['delete', 'configmap', 'load', '--namespace', ref.namespace]);

    await expectRules([]);
  });

  /** [group, alert, expression] of each, as its API tells. */
  async function expectRules(expected: readonly string[][]): Promise<void> {
    await expectEventually(async () => {
      const { data } = JSON.parse(await ask('/api/v1/rules')) as RulesResponse;
      return data.groups.flatMap((group) => group.rules.map(({ name, query }) => [group.name, name, query]));
    }, expected);
  }

  async function expectLastReload(successful: '0' | '1'): Promise<void> {
    const metric = async (): Promise<string | undefined> =>
      /^prometheus_config_last_reload_successful (.*)$/m.exec(await ask('/metrics'))?.[1];
    await expectEventually(metric, successful);
  }

  function ask(path: string): Promise<string> {
    return exec(ref, `wget -q -O - http://localhost:9090${path}`);
  }
});

/** https://prometheus.io/docs/prometheus/latest/querying/api/#rules */
interface RulesResponse {
  data: { groups: { name: string; rules: { name: string; query: string }[] }[] };
}
