import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Cluster } from '../control-plane/cluster.ts';
import { minorVersion } from '../control-plane/go-module.ts';
import { readKubernetesModule } from '../control-plane/kubernetes-module.ts';
import type { CommandResult } from '../control-plane/leashed-process.ts';
import { eventually } from '../eventually.ts';
import { connectCluster } from './cluster.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await connectCluster();
});

describe('the control plane of the tests', () => {
  it('is the release that go.mod names', async () => {
    const { clientVersion, serverVersion } = JSON.parse(
      await cluster.kubectlOutput(['version', '--output', 'json']),
    ) as Record<'clientVersion' | 'serverVersion', { gitVersion: string }>;

    const { version } = await readKubernetesModule();

    // setup-envtest may bring another patch release; see envtest-assets.ts.
    const release = new RegExp(`^v${minorVersion(version)}\\.`);
    expect(serverVersion.gitVersion).toMatch(release);
    expect(clientVersion.gitVersion).toMatch(release);
  });

  it("makes a Deployment's ReplicaSet and pods, which stay Pending because there is no node", async () => {
    const namespace = await cluster.createNamespace('deployment');
    await cluster.apply([deployment('app', 2)], namespace);

    const pods = await eventually(
      async () => {
        const { items } = await cluster.get<{ items: Pod[] }>('pods', '--namespace', namespace);
        return items.length === 2 && items;
      },
      { timeoutMs: 15_000 },
    );

    expect(pods.map(({ metadata, status }) => [metadata.ownerReferences[0]?.kind, status.phase])).toEqual([
      ['ReplicaSet', 'Pending'],
      ['ReplicaSet', 'Pending'],
    ]);
  });

  it("gives a ServiceAccount's token exactly what RBAC gives it", async () => {
    const namespace = await cluster.createNamespace('rbac');
    await cluster.apply(configMapReader('reader'), namespace);
    const token = await cluster.serviceAccountToken(namespace, 'reader', { expirationSeconds: 600 });

    const configMap = await withToken(token, '--namespace', namespace, 'get', 'configmap/kube-root-ca.crt');
    const secrets = await withToken(token, '--namespace', namespace, 'get', 'secrets');

    expect(configMap.code).toBe(0);
    expect(secrets.code).toBe(1);
    expect(secrets.stderr).toContain(
      `User "system:serviceaccount:${namespace}:reader" cannot list resource "secrets" in API group ""`,
    );
  });

  it('refuses a forged token', async () => {
    const forged = await withToken('forged', 'get', 'namespaces');

    expect(forged.code).toBe(1);
    expect(forged.stderr).toContain('You must be logged in to the server');
  });

  it("tells kubectl's own words when a command fails", async () => {
    const wrong = [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'No_Good' } }];

    await expect(cluster.apply(wrong)).rejects.toThrow('metadata.name: Invalid value: "No_Good"');
  });
});

/** Without the admin's kubeconfig: a client certificate would win over the token. */
function withToken(token: string, ...args: string[]): Promise<CommandResult> {
  const { server, caFile } = cluster;
  const access = ['--kubeconfig', '/dev/null', '--server', server, '--certificate-authority', caFile, '--token', token];
  return cluster.kubectl([...access, ...args]);
}

interface Pod {
  metadata: { ownerReferences: { kind: string }[] };
  status: { phase: string };
}

function deployment(name: string, replicas: number): object {
  const labels = { app: name };
  const containers = [{ name: 'app', image: 'localhost/app:1' }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  };
}

function configMapReader(name: string): object[] {
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name },
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name }],
    },
  ];
}
