import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../control-plane/temporary-folder.ts';
import { codeBlocks } from '../documents/code-blocks.ts';
import { eventually } from '../eventually.ts';
import { helm, useHelm } from '../packaging/use-helm.ts';
import { chartDirectory as chart } from '../packaging/renderings.ts';
import { expectEventually } from '../product/expect-eventually.ts';
import { startInstalledWebhook } from '../product/installed-webhook.ts';
import { asking, pod } from '../product/test-objects.ts';
import { readTrust } from '../product/webhook-trust.ts';
import { startOwnControlPlane } from './own-control-plane.ts';

// Its objects have the same names in every cluster, and its webhook is asked about the pods of all namespaces: it needs a cluster of its own.
let controlPlane: ControlPlane;
let folder: TemporaryFolder;

beforeAll(async () => {
  controlPlane = await startOwnControlPlane();
  folder = await createTemporaryFolder('sync-sidecar-test-');
});
useHelm(() => controlPlane);

afterAll(async () => {
  await controlPlane.stop();
  await folder.remove();
});

// Helm takes a second or two for each change, and many times that beside other tests.
jest.setTimeout(120_000);

const release = ['sync-sidecar', '--namespace', 'sync-sidecar'];

function install(...args: string[]): Promise<string> {
  return helm.helmOutput(['install', ...release, '--create-namespace', chart, ...args]);
}

function upgrade(...args: string[]): Promise<string> {
  return helm.helmOutput(['upgrade', ...release, chart, ...args]);
}

function uninstall(): Promise<string> {
  return helm.helmOutput(['uninstall', ...release]);
}

interface Configuration {
  webhooks: {
    timeoutSeconds: number;
    clientConfig: { caBundle?: string };
    namespaceSelector: { matchExpressions: object[] };
  }[];
}

function configuration(kind: 'mutating' | 'validating'): Promise<Configuration> {
  return controlPlane.get<Configuration>(`${kind}webhookconfiguration`, 'sync-sidecar');
}

async function timeout(): Promise<number | undefined> {
  return (await configuration('mutating')).webhooks[0]?.timeoutSeconds;
}

/** What is ours in the cluster, and what else is in our namespace, but for what the cluster writes as it goes. */
async function left(): Promise<string[]> {
  const kinds = await controlPlane.kubectlOutput(['api-resources', '--verbs=list', '--output=name']);
  const lasting = kinds.split('\n').filter((kind) => kind !== '' && !/^(events|leases|componentstatuses)\b/.test(kind));
  const { items } = await controlPlane.get<{
    items: { kind: string; metadata: { namespace?: string; name: string } }[];
  }>(lasting.join(','), '--all-namespaces');
  const paths = items.map(({ kind, metadata: { namespace = '', name } }) => `${kind} ${namespace}/${name}`);
  return paths.filter((path) => path.includes('sync-sidecar')).sort();
}

async function generation(): Promise<number> {
  const deployment = ['deployment', 'sync-sidecar-webhook', '--namespace', 'sync-sidecar'];
  return (await controlPlane.get<{ metadata: { generation: number } }>(...deployment)).metadata.generation;
}

describe('the chart, installed', () => {
  afterAll(() => uninstall());

  it('is installed ready to run: the webhook with the environment and the rights that it gets', async () => {
    await install();
    const webhook = await startInstalledWebhook(controlPlane, { namespace: 'sync-sidecar', folder: folder.path });
    await webhook.stop();

    const { secret, caBundles } = await readTrust(controlPlane);
    expect(Object.keys(secret)).toEqual(['ca.crt', 'tls.crt', 'tls.key']);
    expect(caBundles).toEqual(Array(4).fill(secret['ca.crt']));
  });

  // The webhook doesn't run meanwhile: it would mend what they break.
  it.each([
    ['an upgrade', () => upgrade('--set=timeoutSeconds=6'), 6],
    ['an upgrade with a merge of three ways', () => upgrade('--set=timeoutSeconds=7', '--server-side=false'), 7],
    [
      'an upgrade that takes what others have written',
      () => upgrade('--set=timeoutSeconds=8', '--server-side=true', '--force-conflicts'),
      8,
    ],
    ['a rollback', () => helm.helmOutput(['rollback', 'sync-sidecar', '2', '--namespace', 'sync-sidecar']), 6],
  ])('keeps the CA and the caBundle on %s', async (_how, change, expected) => {
    const before = await readTrust(controlPlane);
    await change();

    expect(await timeout()).toBe(expected);
    expect(await readTrust(controlPlane)).toEqual(before);
  });

  it('is asked for once in a cluster', async () => {
    const { code, stderr } = await helm.helm(['install', 'second', chart, '--namespace', 'default']);

    expect(code).not.toBe(0);
    expect(stderr).toContain('"meta.helm.sh/release-name" must equal "second": current value is "sync-sidecar"');
  });

  it('changes what pods get without new pods of the webhook', async () => {
    const before = await generation();
    await upgrade('--set=configuration.profiles.grafana.label=grafana_dashboard');

    const inNamespace = ['configmap', 'sync-sidecar-configuration', '--namespace', 'sync-sidecar'];
    const { data } = await controlPlane.get<{ data: Record<string, string> }>(...inNamespace);
    expect(data['configuration.yaml']).toBe(`apiVersion: sync-sidecar.io/v1alpha1
kind: InjectionConfiguration
profiles:
  grafana:
    label: grafana_dashboard
`);
    expect(await generation()).toBe(before);
  });

  it('lets the ServiceAccounts of a namespace read more, or less', async () => {
    const namespace = await controlPlane.createNamespace('readers');
    const mayRead = async (kind: string): Promise<string> => {
      const as = [`--as=system:serviceaccount:${namespace}:any`, `--as-group=system:serviceaccounts:${namespace}`];
      const { stdout } = await controlPlane.kubectl(['auth', 'can-i', 'list', kind, `--namespace=${namespace}`, ...as]);
      return stdout.trim();
    };
    const verdicts = [];
    for (const kinds of [['ConfigMap'], ['ConfigMap', 'Secret'], ['ConfigMap']]) {
      await upgrade(`--set-json=readers=${JSON.stringify([{ namespace, kinds }])}`);
      verdicts.push([await mayRead('configmaps'), await mayRead('secrets')]);
    }

    expect(verdicts).toEqual([
      ['yes', 'no'],
      ['yes', 'yes'],
      ['yes', 'no'],
    ]);
  });

  it('takes a caBundle of somebody else where the webhook has written its own, if told to', async () => {
    const [entry] = (await configuration('mutating')).webhooks;
    const ca = join(folder.path, 'ca.crt');
    await writeFile(ca, Buffer.from(entry?.clientConfig.caBundle ?? '', 'base64').toString() + '\n');
    const args = ['--set=tls.mode=files', `--set-file=tls.caBundle=${ca}`];

    await expect(upgrade(...args)).rejects.toThrow('conflicts with "sync-sidecar-webhook"');
    await upgrade(...args, '--force-conflicts');

    const both = [await configuration('mutating'), await configuration('validating')];
    const caBundles = both.flatMap(({ webhooks }) => webhooks.map((entry) => entry.clientConfig.caBundle));
    expect(caBundles).toEqual(Array(4).fill((await readFile(ca)).toString('base64')));
  });
});

describe('the chart, uninstalled', () => {
  it('leaves nothing behind, and nobody without a pod', async () => {
    const readers = [{ namespace: 'default', kinds: ['ConfigMap', 'Secret'] }];
    await install('--set=networkPolicy.enabled=true', `--set-json=readers=${JSON.stringify(readers)}`);
    const webhook = await startInstalledWebhook(controlPlane, { namespace: 'sync-sidecar', folder: folder.path });
    await webhook.stop();
    expect(await left()).toContain('RoleBinding default/sync-sidecar-configmap-and-secret-reader');

    await uninstall();

    const ofEveryNamespace = ['ConfigMap sync-sidecar/kube-root-ca.crt', 'ServiceAccount sync-sidecar/default'];
    const expected = ['Namespace /sync-sidecar', ...ofEveryNamespace].sort();
    await expectEventually(left, expected, 30_000);
    await podsCanBeCreated();
  });

  it('with its namespace deleted first leaves nothing behind either, once what the page says is done', async () => {
    await install(`--set-json=readers=${JSON.stringify([{ namespace: 'default' }])}`);
    await controlPlane.kubectlOutput(['delete', 'namespace', 'sync-sidecar']);
    await expect(uninstall()).rejects.toThrow('release: not found');

    const page = await readFile(join(import.meta.dirname, '../../docs/install.md'), 'utf8');
    const command = codeBlocks('docs/install.md', page).find(({ text }) => text.includes('--selector'))?.text ?? '';
    await controlPlane.kubectlOutput(command.split(' ').slice(1));

    await expectEventually(left, [], 30_000);
    await podsCanBeCreated();
  });

  async function podsCanBeCreated(): Promise<void> {
    const namespace = await controlPlane.createNamespace('afterwards');
    // The API server looks once a second whether policies have gone.
    const input = JSON.stringify(pod({ name: 'asks', annotations: asking }));
    const create = ['create', '--namespace', namespace, '--filename', '-'];
    await eventually(() => controlPlane.kubectlOutput(create, { input }), { timeoutMs: 15_000 });
  }
});

const leavesOut = { key: 'kubernetes.io/metadata.name', operator: 'NotIn' };

describe('the chart in another namespace', () => {
  it('leads to the webhook there, which has its CA there and leaves out its own pods', async () => {
    await helm.helmOutput(['install', 'platform', chart, '--namespace', 'platform', '--create-namespace']);
    const webhook = await startInstalledWebhook(controlPlane, { namespace: 'platform', folder: folder.path });
    await webhook.stop();

    const { webhooks } = await configuration('mutating');
    const service = { name: 'sync-sidecar-webhook', namespace: 'platform', path: '/mutate' };
    const values = ['kube-system', 'kube-node-lease', 'platform'];
    for (const { clientConfig, namespaceSelector } of webhooks) {
      expect(clientConfig).toMatchObject({ service });
      expect(namespaceSelector.matchExpressions).toContainEqual({ ...leavesOut, values });
    }
  });
});
