import { describe, expect, it } from '@jest/globals';
import { chartDirectory, writeValues } from '../packaging/renderings.ts';
import { helm, useHelm } from '../packaging/use-helm.ts';
import { parseManifests, type Manifest } from '../product/webhook-manifests.ts';
import { container, deployment, environment, render, type Container } from './rendered-chart.ts';
import { folder, useCluster } from './use-cluster.ts';

useCluster();
useHelm();

interface Entry {
  clientConfig: { caBundle?: string };
}

function entries(manifests: readonly Manifest[]): Entry[] {
  return manifests.flatMap(({ webhooks }) => (webhooks as Entry[] | undefined) ?? []);
}

describe('the names of the images', () => {
  const digest = `sha256:${'0'.repeat(64)}`;

  it.each<[object, string, string]>([
    [{}, 'sync-sidecar-webhook:0.1.0', 'sync-sidecar:0.1.0'],
    [
      { registry: 'registry.example.com/team/' },
      'registry.example.com/team/sync-sidecar-webhook:0.1.0',
      'registry.example.com/team/sync-sidecar:0.1.0',
    ],
    [
      { image: { repository: 'localhost:5000/webhook', tag: '1' }, sidecarImage: { tag: '2' } },
      'localhost:5000/webhook:1',
      'sync-sidecar:2',
    ],
    [
      { image: { digest }, sidecarImage: { tag: '2', digest } },
      `sync-sidecar-webhook@${digest}`,
      `sync-sidecar:2@${digest}`,
    ],
  ])('with %j', async (values, webhook, sidecar) => {
    const manifests = await render(values);
    const test = manifests.find(({ kind }) => kind === 'Pod')?.spec as { containers: [Container] };

    expect(container(manifests).image).toBe(webhook);
    expect(environment(manifests).SIDECAR_IMAGE).toBe(sidecar);
    expect(test.containers[0].image).toBe(webhook);
  });
});

describe('the webhook', () => {
  const always = { SIDECAR_IMAGE: 'sync-sidecar:0.1.0', CONFIG_FILE: '/etc/sync-sidecar/configuration.yaml' };

  it('is told in its environment what differs from its defaults', async () => {
    const values = {
      port: 9443,
      metricsPort: 0,
      log: { level: 'debug', format: 'LOGFMT' },
      warnings: { rbacPreflight: false },
      extraEnv: [{ name: 'SHUTDOWN_DELAY', value: '10s' }],
    };

    expect(environment(await render({}))).toEqual(always);
    expect(environment(await render(values, 'platform'))).toEqual({
      ...always,
      CA_SECRET: 'platform/sync-sidecar-ca',
      PORT: '9443',
      METRICS_PORT: '0',
      LOG_LEVEL: 'debug',
      LOG_FORMAT: 'LOGFMT',
      RBAC_PREFLIGHT: 'false',
      SHUTDOWN_DELAY: '10s',
    });
  });

  it('with the network of its node waits for no port that an older pod still has', async () => {
    const { strategy, template } = deployment(await render({ hostNetwork: true, port: 10260, metricsPort: 9090 }));

    expect(strategy).toEqual({ rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } });
    expect(template.spec).toMatchObject({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' });
    expect(template.spec.containers[0].ports.map(({ containerPort }) => containerPort)).toEqual([10260, 9090]);
  });

  it('runs on nodes of Linux that are as asked for besides, and so does the pod of helm test', async () => {
    const tolerations = [{ key: 'dedicated', operator: 'Exists' }];
    const manifests = await render({ nodeSelector: { 'kubernetes.io/arch': 'arm64' }, tolerations });

    const nodeSelector = { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'arm64' };
    expect(deployment(manifests).template.spec).toMatchObject({ nodeSelector, tolerations });
    expect(manifests.find(({ kind }) => kind === 'Pod')?.spec).toMatchObject({ nodeSelector, tolerations });
  });

  it('is selected by the same labels, whatever labels its pods are given', async () => {
    const podLabels = { team: 'platform', 'app.kubernetes.io/name': 'other' };
    const { template } = deployment(await render({ podLabels })) as unknown as { template: Manifest };

    expect(template.metadata.labels).toEqual({
      team: 'platform',
      'app.kubernetes.io/name': 'sync-sidecar',
      'app.kubernetes.io/component': 'webhook',
    });
  });
});

describe('the caBundle', () => {
  const pem = '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n';
  const base64 = Buffer.from(pem).toString('base64');

  it.each([
    ['PEM', pem],
    ['base64', `${base64.slice(0, 76)}\n${base64.slice(76)}\n`],
  ])('given as %s is that of every entry', async (_form, caBundle) => {
    const found = entries(await render({ tls: { mode: 'files', caBundle } }));

    expect(found.map(({ clientConfig }) => clientConfig.caBundle)).toEqual([base64, base64, base64, base64]);
  });

  it.each([{ mode: 'self' }, { mode: 'cert-manager' }, { mode: 'files' }])(
    'is in no entry with %j alone, so that no upgrade takes it away',
    async (tls) => {
      const found = entries(await render({ tls }));

      expect(found.map(({ clientConfig }) => Object.keys(clientConfig))).toEqual(Array(4).fill(['service']));
    },
  );
});

describe('labels that everything is to have', () => {
  const all = { enabled: true };
  const monitoring = { serviceMonitor: all, podMonitor: all, prometheusRule: all, dashboard: all };
  const commonLabels = { team: 'platform', 'app.kubernetes.io/name': 'other' };
  const readers = [{ namespace: 'shop' }];

  it.each(['self', 'cert-manager'])('are those of every object and of the pods with tls.mode=%s', async (mode) => {
    const values = { commonLabels, monitoring, readers, networkPolicy: all, tls: { mode } };
    const manifests = await render(values);

    const expected = { team: 'platform', 'app.kubernetes.io/name': 'sync-sidecar' };
    for (const { metadata } of manifests) expect(metadata.labels).toMatchObject(expected);
    const { template, selector } = deployment(manifests) as unknown as { template: Manifest; selector: object };
    expect(template.metadata.labels).toMatchObject(expected);
    expect(selector).toEqual({
      matchLabels: { 'app.kubernetes.io/name': 'sync-sidecar', 'app.kubernetes.io/component': 'webhook' },
    });
  });
});

describe('names that look like numbers', () => {
  const everywhere = {
    priorityClassName: '2026',
    readers: [{ namespace: '2026' }],
    test: { namespace: '2026' },
    networkPolicy: { enabled: true },
    monitoring: {
      serviceMonitor: { enabled: true },
      podMonitor: { enabled: true },
      prometheusRule: { enabled: true },
      dashboard: { enabled: true, namespace: '2026' },
    },
  };

  it.each(['self', 'cert-manager', 'files'])('stay text in every object with tls.mode=%s', async (mode) => {
    const values = { ...everywhere, tls: { mode, secretName: '2026' } };
    const file = await writeValues({ values, folder: folder.path });
    const rendered = await helm.helmOutput(['template', '2026', chartDirectory, '--namespace=2026', '--values', file]);

    const forms = new Set<unknown>();
    JSON.stringify(parseManifests(rendered), (_field, value: unknown) => {
      if (String(value) === '2026') forms.add(value);
      return value;
    });
    expect([...forms]).toEqual(['2026']);
  });
});

describe('the NetworkPolicy', () => {
  it.each([
    [
      [443, 6443, 16443],
      [443, 6443, 16443, 53, 53],
    ],
    [null, [53, 53]],
  ])('lets out to the ports %j of the API server, to DNS, and to nothing else', async (apiServerPorts, ports) => {
    const manifests = await render({ networkPolicy: { enabled: true, apiServerPorts } });
    const { spec } = manifests.find(({ kind }) => kind === 'NetworkPolicy') as unknown as { spec: NetworkPolicy };

    expect(spec.egress.flatMap((rule) => rule.ports.map(({ port }) => port))).toEqual(ports);
  });

  interface NetworkPolicy {
    egress: { ports: { port: number }[] }[];
  }
});

describe('the configuration', () => {
  it('has numbers as they were written, however large', async () => {
    const manifests = await render({ configuration: { defaults: { 'url-max-bytes': 104857600 } } });
    const configuration = manifests.find(({ metadata }) => metadata.name === 'sync-sidecar-configuration');

    expect(configuration?.data).toEqual({
      'configuration.yaml': `apiVersion: sync-sidecar.io/v1alpha1
kind: InjectionConfiguration
defaults:
  url-max-bytes: 104857600
`,
    });
  });
});
